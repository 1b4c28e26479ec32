using System.Text.RegularExpressions;

namespace MlNetBert.TextScores;

/// <summary>
/// BLEU of a corpus (Papineni et al. 2002) as SacreBLEU counts it by default: tokens of mteval-v13a, case kept, n-grams of up to four
/// tokens, exponential smoothing (Post 2018; Chen and Cherry 2014, method 3).
/// </summary>
internal sealed partial class BleuCounter
{
    private const int Orders = 4;

    private readonly long[] _common = new long[Orders];
    private readonly long[] _total = new long[Orders];
    private long _length;
    private long _expectedLength;

    /// <summary>Counts a text.</summary>
    /// <param name="predicted">The predicted text.</param>
    /// <param name="expected">The expected ones, at least one.</param>
    public void Add(string predicted, IReadOnlyList<string> expected)
    {
        var counter = new NgramCounter();
        var words = Tokenize(predicted);
        var others = expected.Select(Tokenize).ToList();
        var found = counter.Count(words, Orders);
        var allowed = others.Select(other => counter.Count(other, Orders)).ToList();
        _length += words.Length;
        // Of the expected texts the length that is nearest counts, the shorter one where two are as near.
        _expectedLength += others.Select(other => other.Length).MinBy(length => (Math.Abs(length - words.Length), length));
        for (var n = 0; n < Orders; n++)
        {
            _total[n] += found[n].Values.Sum();
            _common[n] += found[n].Sum(ngram => Math.Min(ngram.Value, allowed.Max(counts => counts[n].GetValueOrDefault(ngram.Key))));
        }
    }

    /// <summary>The score of all texts so far.</summary>
    public BleuScore Score()
    {
        var penalty = _length >= _expectedLength ? 1 : _length == 0 ? 0 : Math.Exp(1 - ((double)_expectedLength / _length));
        var precisions = new double[Orders];
        if (_common.All(count => count == 0))
            return new BleuScore(0, precisions, penalty);
        var smoothing = 1.0;
        for (var n = 0; n < Orders && _total[n] > 0; n++)
            precisions[n] = 100.0 * (_common[n] > 0 ? _common[n] : 1 / (smoothing *= 2)) / _total[n];
        // Without n-grams of an order there is a precision of 0, and so a score of 0.
        return new BleuScore(penalty * Math.Exp(precisions.Average(Math.Log)), precisions, penalty);
    }

    // mteval-v13a, which WMT has used: entities of HTML, then punctuation, then periods, commas and dashes by the digits beside them.
    private static string[] Tokenize(string text)
    {
        var line = ScoredText.TrimEnd(text)
            .Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        line = Punctuation().Replace($" {line} ", " $0 ");
        line = AfterOther().Replace(line, "${other} ${mark} ");
        line = BeforeOther().Replace(line, " ${mark} ${other}");
        return ScoredText.Words(DashAfterDigit().Replace(line, "${digit} - "));
    }

    [GeneratedRegex(@"[{-~\[-` -&(-+:-@/]", RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Punctuation();

    [GeneratedRegex("(?<other>[^0-9])(?<mark>[.,])", RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex AfterOther();

    [GeneratedRegex("(?<mark>[.,])(?<other>[^0-9])", RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex BeforeOther();

    [GeneratedRegex("(?<digit>[0-9])-", RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex DashAfterDigit();
}
