namespace MlNetBert.TextScores;

/// <summary>
/// chrF2 and chrF2++ of a corpus (Popović 2015, 2017) as SacreBLEU counts them by default: n-grams of up to six characters, white space
/// left out, and for chrF++ of one and two words; recall weighs twice as much as precision.
/// </summary>
internal sealed class ChrfCounter
{
    private const int CharacterOrders = 6;
    private const int WordOrders = 2;
    private const double SquaredBeta = 4;
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private readonly NgramMatches[] _characters = new NgramMatches[CharacterOrders];
    private readonly NgramMatches[] _withWords = new NgramMatches[CharacterOrders + WordOrders];

    /// <summary>chrF, 0 to 100.</summary>
    public double Value => Score(_characters);

    /// <summary>chrF++, 0 to 100.</summary>
    public double ValueWithWords => Score(_withWords);

    /// <summary>Counts a text.</summary>
    /// <param name="predicted">The predicted text.</param>
    /// <param name="expected">The expected ones, at least one, of which the one that fits best counts.</param>
    public void Add(string predicted, IReadOnlyList<string> expected)
    {
        var counter = new NgramCounter();
        var found = Count(counter, predicted);
        var candidates = expected.Select(text => Compare(found, Count(counter, text))).ToList();
        AddBest(_characters, candidates);
        AddBest(_withWords, candidates);
    }

    private static Dictionary<int, int>[] Count(NgramCounter counter, string text) =>
    [
        .. counter.Count(ScoredText.Characters(text), CharacterOrders),
        .. counter.Count([.. ScoredText.Words(text).SelectMany(PartPunctuation)], WordOrders),
    ];

    // One mark is parted from a word: its last character, or else its first.
    private static string[] PartPunctuation(string word) =>
        word.Length == 1 ? [word]
        : Punctuation.Contains(word[^1], StringComparison.Ordinal) ? [word[..^1], word[^1..]]
        : Punctuation.Contains(word[0], StringComparison.Ordinal) ? [word[..1], word[1..]]
        : [word];

    // Where nothing is expected nothing counts.
    private static NgramMatches[] Compare(Dictionary<int, int>[] predicted, Dictionary<int, int>[] expected) =>
        [.. predicted.Zip(expected, (found, right) => right.Count == 0 ? default : NgramMatches.Of(found, right))];

    private static void AddBest(NgramMatches[] sums, List<NgramMatches[]> candidates)
    {
        var best = candidates.MaxBy(candidate => Score(candidate.AsSpan(0, sums.Length)))!;
        for (var order = 0; order < sums.Length; order++)
            sums[order] += best[order];
    }

    // Means over the orders that both texts have.
    private static double Score(ReadOnlySpan<NgramMatches> orders)
    {
        var (precision, recall, count) = (0.0, 0.0, 0);
        foreach (var order in orders)
        {
            if (order.Predicted == 0 || order.Expected == 0)
                continue;
            precision += (double)order.Common / order.Predicted;
            recall += (double)order.Common / order.Expected;
            count++;
        }

        return precision + recall == 0 ? 0
            : 100 * (1 + SquaredBeta) * precision * recall / count / ((SquaredBeta * precision) + recall);
    }
}
