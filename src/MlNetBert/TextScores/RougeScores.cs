namespace MlNetBert.TextScores;

/// <summary>
/// ROUGE of a text (Lin 2004), F measures from 0 to 1, as the package rouge-score counts them without its stemmer: of the words of ASCII
/// letters and digits, in lower case.
/// </summary>
/// <param name="One">Of single words.</param>
/// <param name="Two">Of two words in a row.</param>
/// <param name="L">Of the longest common subsequence.</param>
/// <param name="Lsum">Of the longest common subsequences of the lines with all lines of the other text.</param>
internal readonly record struct RougeScores(double One, double Two, double L, double Lsum)
{
    /// <summary>Scores a text.</summary>
    /// <param name="predicted">The predicted text.</param>
    /// <param name="expected">The expected ones, at least one; for each score the one that fits best counts.</param>
    public static RougeScores Of(string predicted, IReadOnlyList<string> expected) =>
        expected.Select(text => Of(predicted, text)).Aggregate((best, other) => new RougeScores(
            Math.Max(best.One, other.One), Math.Max(best.Two, other.Two), Math.Max(best.L, other.L), Math.Max(best.Lsum, other.Lsum)));

    public static RougeScores operator +(RougeScores left, RougeScores right) =>
        new(left.One + right.One, left.Two + right.Two, left.L + right.L, left.Lsum + right.Lsum);

    private static RougeScores Of(string predicted, string expected)
    {
        var (found, right) = (Words(predicted), Words(expected));
        var counter = new NgramCounter();
        var ngrams = counter.Count(found, 2).Zip(counter.Count(right, 2), NgramMatches.Of).ToList();
        var l = FMeasure(new NgramMatches(found.Count, right.Count, CommonSubsequence.LengthOf(found, right)));
        var hasLines = predicted.Contains('\n', StringComparison.Ordinal) || expected.Contains('\n', StringComparison.Ordinal);
        return new RougeScores(FMeasure(ngrams[0]), FMeasure(ngrams[1]), l, hasLines ? FMeasure(OfLines(predicted, expected)) : l);
    }

    // The union over the predicted lines, for each expected line; no word counts more often than both texts have it.
    private static NgramMatches OfLines(string predicted, string expected)
    {
        var (found, right) = (Lines(predicted), Lines(expected));
        var (foundLeft, rightLeft) = (Left(found), Left(right));
        var common = 0;
        foreach (var line in right)
        {
            foreach (var place in found.SelectMany(other => CommonSubsequence.PlacesIn(line, other)).Distinct())
            {
                var word = line[place];
                if (foundLeft.GetValueOrDefault(word) == 0 || rightLeft[word] == 0)
                    continue;
                foundLeft[word]--;
                rightLeft[word]--;
                common++;
            }
        }

        return new NgramMatches(found.Sum(line => line.Count), right.Sum(line => line.Count), common);
    }

    private static Dictionary<string, int> Left(List<List<string>> lines) =>
        lines.SelectMany(words => words).CountBy(word => word).ToDictionary(StringComparer.Ordinal);

    private static List<List<string>> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Words)];

    // The harmonic mean of precision and recall.
    private static double FMeasure(NgramMatches matches) =>
        matches.Common == 0 ? 0 : 2.0 * matches.Common / (matches.Predicted + matches.Expected);

    private static List<string> Words(string text)
    {
        var (words, word) = (new List<string>(), new System.Text.StringBuilder());
        // Beside ASCII's own letters two have a lower case with one of ASCII's: the Kelvin sign, and I with a dot, which comes apart.
        foreach (var c in text.Replace("\u0130", "i ", StringComparison.Ordinal).Append(' '))
        {
            var lower = c == '\u212A' ? 'k' : char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
            if (char.IsAsciiLetterOrDigit(lower))
            {
                word.Append(lower);
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return words;
    }
}
