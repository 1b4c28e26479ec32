namespace MlNetBert.HuggingFace;

/// <summary>Finds the name that someone may have meant.</summary>
internal static class NearestName
{
    /// <summary>
    /// The name that differs least; null where none is near: more than a third of the letters, or three, would have to change.
    /// </summary>
    public static string? Of(string word, IEnumerable<string> names)
    {
        var found = names
            .Select(name => (Name: name, Distance: Begins(name, word) ? 1 : Distance(name, word)))
            .Where(candidate => candidate.Distance <= Math.Max(2, Math.Min(3, word.Length / 3)))
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return found.Name;
    }

    /// <summary>The name that differs least as the end of a sentence, « (NAME?)»; nothing where none is near.</summary>
    public static string Hint(string? word, IEnumerable<string> names) =>
        word is not null && Of(word, names) is { } name ? $" ({name}?)" : "";

    private static bool Begins(string name, string word)
    {
        var letters = word.TrimStart('-');
        return letters.Length >= 2 && name.TrimStart('-').StartsWith(letters, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Letters to insert, delete, change or swap with their neighbour (Damerau 1964, optimal string alignment).</summary>
    private static int Distance(string left, string right)
    {
        var distances = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    distances[i, j] = i + j;
                    continue;
                }

                var change = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1;
                distances[i, j] = Math.Min(Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1, distances[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    distances[i, j] = Math.Min(distances[i, j], distances[i - 2, j - 2] + 1);
            }
        }

        return distances[left.Length, right.Length];
    }
}
