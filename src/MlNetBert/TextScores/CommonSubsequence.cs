namespace MlNetBert.TextScores;

/// <summary>The longest words that two lists have in the same order, with others between them.</summary>
internal static class CommonSubsequence
{
    /// <summary>How many words it has; memory for a row of the table.</summary>
    public static int LengthOf(List<string> first, List<string> second)
    {
        var (row, above) = (new int[second.Count + 1], new int[second.Count + 1]);
        foreach (var word in first)
        {
            (row, above) = (above, row);
            Fill(word, second, above, row);
        }

        return row[^1];
    }

    /// <summary>The places of its words in the first list, from the last; of several the one that rouge-score takes.</summary>
    public static IEnumerable<int> PlacesIn(List<string> first, List<string> second)
    {
        var table = new int[first.Count + 1][];
        table[0] = new int[second.Count + 1];
        for (var i = 1; i <= first.Count; i++)
            Fill(first[i - 1], second, table[i - 1], table[i] = new int[second.Count + 1]);
        var (left, right) = (first.Count, second.Count);
        while (left > 0 && right > 0)
        {
            if (first[left - 1] == second[right - 1])
            {
                yield return left - 1;
                (left, right) = (left - 1, right - 1);
            }
            else if (table[left][right - 1] > table[left - 1][right])
            {
                right--;
            }
            else
            {
                left--;
            }
        }
    }

    private static void Fill(string word, List<string> others, int[] above, int[] row)
    {
        for (var j = 1; j < row.Length; j++)
            row[j] = word == others[j - 1] ? above[j - 1] + 1 : Math.Max(above[j], row[j - 1]);
    }
}
