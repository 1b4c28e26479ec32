using System.Text.RegularExpressions;

namespace MlNetBert;

/// <summary>
/// How good answers are, as SQuAD counts (Rajpurkar et al. 2016, 2018): texts are compared in lower case, without ASCII punctuation, the
/// articles a, an and the, and surplus white space. Of two answers of which one has no words, F1 is 1 where neither has any and 0
/// otherwise.
/// </summary>
public sealed partial record AnswerMetrics
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    internal AnswerMetrics(double exactMatch, double f1, long questions)
    {
        ExactMatch = exactMatch;
        F1 = f1;
        QuestionCount = questions;
    }

    /// <summary>Share of the answers that equal the right one, 0 to 1.</summary>
    public double ExactMatch { get; internal init; }

    /// <summary>Mean F1 of the answers' words, 0 to 1.</summary>
    public double F1 { get; internal init; }

    /// <summary>How many answers were counted.</summary>
    public long QuestionCount { get; internal init; }

    /// <summary>Counts answers; of several right ones the best counts.</summary>
    /// <param name="answers">Predicted answers with the right ones.</param>
    /// <returns>The means; 0 where there is no answer.</returns>
    public static AnswerMetrics Compute(IEnumerable<QuestionAnswerPair> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var (exact, f1, count) = (0L, 0.0, 0L);
        foreach (var answer in answers)
        {
            exact += answer.Expected.Any(e => IsExact(answer.Predicted, e)) ? 1 : 0;
            f1 += answer.Expected.Max(e => ComputeF1(answer.Predicted, e));
            count++;
        }

        return count == 0 ? new AnswerMetrics(0, 0, 0) : new AnswerMetrics((double)exact / count, f1 / count, count);
    }

    /// <summary>A text as it is compared.</summary>
    /// <param name="answer">The text; null counts as empty.</param>
    /// <returns>Its words in lower case, parted by single spaces.</returns>
    public static string Normalize(string? answer)
    {
        var plain = string.Concat((answer ?? "").ToLowerInvariant().Where(c => !Punctuation.Contains(c, StringComparison.Ordinal)));
        return string.Join(' ', Words(Article().Replace(plain, " ")));
    }

    /// <summary>Whether two answers are alike.</summary>
    /// <param name="predicted">The predicted answer.</param>
    /// <param name="expected">The right one.</param>
    /// <returns>Whether they are equal as they are compared.</returns>
    public static bool IsExact(string? predicted, string? expected) => Normalize(predicted) == Normalize(expected);

    /// <summary>How many words two answers share.</summary>
    /// <param name="predicted">The predicted answer.</param>
    /// <param name="expected">The right one.</param>
    /// <returns>The harmonic mean of the shares of the predicted and of the right words that are common to both.</returns>
    public static double ComputeF1(string? predicted, string? expected)
    {
        var (found, right) = (Words(Normalize(predicted)), Words(Normalize(expected)));
        if (found.Length == 0 || right.Length == 0)
            return found.Length == right.Length ? 1 : 0;
        var left = right.CountBy(word => word).ToDictionary();
        var common = found.Count(word => left.TryGetValue(word, out var count) && (left[word] = count - 1) >= 0);
        return 2.0 * common / (found.Length + right.Length);
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"\b(a|an|the)\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Article();
}
