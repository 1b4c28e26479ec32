using MlNetBert.TextScores;

namespace MlNetBert;

/// <summary>
/// How near generated texts come to the expected ones. BLEU and chrF are SacreBLEU's figures of the whole corpus under its defaults
/// (Post 2018), from 0 to 100; ROUGE (Lin 2004) is the mean over the texts of rouge-score's F measures without its stemmer, from 0 to 1.
/// </summary>
/// <remarks>
/// BLEU and ROUGE count words that white space or punctuation ends, and ROUGE those of ASCII letters and digits alone. For languages that
/// write no blanks, chrF is the figure that means something.
/// </remarks>
public sealed record TextMetrics
{
    internal TextMetrics(BleuScore bleu, ChrfCounter chrf, RougeScores rougeSum, long exact, long texts)
    {
        double Mean(double sum) => texts == 0 ? 0 : sum / texts;
        (Bleu, BrevityPenalty) = (bleu.Value, bleu.BrevityPenalty);
        (Chrf, ChrfPlusPlus) = (chrf.Value, chrf.ValueWithWords);
        (Rouge1, Rouge2, RougeL, RougeLsum) = (Mean(rougeSum.One), Mean(rougeSum.Two), Mean(rougeSum.L), Mean(rougeSum.Lsum));
        (ExactMatch, TextCount) = (Mean(exact), texts);
    }

    /// <summary>BLEU (Papineni et al. 2002), 0 to 100: tokens of mteval-v13a, case kept, up to four in a row, exponential smoothing. 0
    /// where no text has four tokens.</summary>
    public double Bleu { get; internal init; }

    /// <summary>BLEU's factor for texts that are shorter than the expected ones, 0 to 1.</summary>
    public double BrevityPenalty { get; internal init; }

    /// <summary>chrF2 (Popović 2015), 0 to 100: up to six characters in a row.</summary>
    public double Chrf { get; internal init; }

    /// <summary>chrF2++ (Popović 2017), 0 to 100: with one and two words in a row, too.</summary>
    public double ChrfPlusPlus { get; internal init; }

    /// <summary>ROUGE-1, 0 to 1: single words.</summary>
    public double Rouge1 { get; internal init; }

    /// <summary>ROUGE-2, 0 to 1: two words in a row.</summary>
    public double Rouge2 { get; internal init; }

    /// <summary>ROUGE-L, 0 to 1: the longest common subsequence of words.</summary>
    public double RougeL { get; internal init; }

    /// <summary>ROUGE-Lsum, 0 to 1: ROUGE-L by lines; the same where no text has line breaks.</summary>
    public double RougeLsum { get; internal init; }

    /// <summary>Fraction of the texts that equal an expected one to the character, 0 to 1.</summary>
    public double ExactMatch { get; internal init; }

    /// <summary>How many texts were counted.</summary>
    public long TextCount { get; internal init; }

    /// <summary>Compares generated texts with the expected ones.</summary>
    /// <param name="predicted">The generated texts; null counts as empty.</param>
    /// <param name="expected">The expected texts of each, at least one, in the same order.</param>
    /// <returns>The figures; 0 where there is no text.</returns>
    /// <exception cref="ArgumentException">There are more of the one than of the other, or a text has no expected one.</exception>
    public static TextMetrics Compute(IReadOnlyList<string?> predicted, IReadOnlyList<IReadOnlyList<string>> expected)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(expected);
        return predicted.Count == expected.Count
            ? Compute(predicted.Zip(expected))
            : throw new ArgumentException(
                FormattableString.Invariant($"Expected the expected texts of each of {predicted.Count} texts, found {expected.Count}. ")
                    + "Give a list for each text, in the same order.",
                nameof(expected));
    }

    internal static TextMetrics Compute(IEnumerable<(string? Predicted, IReadOnlyList<string> Expected)> texts)
    {
        var (bleu, chrf, rouge, exact, count) = (new BleuCounter(), new ChrfCounter(), default(RougeScores), 0L, 0L);
        foreach (var (predicted, expected) in texts)
        {
            if (expected.Count == 0)
                throw new ArgumentException(
                    FormattableString.Invariant($"Expected at least one expected text of text {count} (from 0), found none. ")
                        + "An empty text is one, too.",
                    nameof(expected));
            var text = predicted ?? "";
            bleu.Add(text, expected);
            chrf.Add(text, expected);
            rouge += RougeScores.Of(text, expected);
            exact += expected.Contains(text, StringComparer.Ordinal) ? 1 : 0;
            count++;
        }

        return new TextMetrics(bleu.Score(), chrf, rouge, exact, count);
    }
}
