using MlNetBert.Tokenization;

namespace MlNetBert.QuestionAnswering;

/// <summary>
/// Finds the best answers from the scores of a question's windows, as Hugging Face's run_qa does: pairs of the best starts and ends of
/// every window, those of the greatest sum over all windows, and their softmax. A span that several windows hold counts once, at its best.
/// Of candidates that say the same (as <see cref="AnswerMetrics"/> compares) the best is kept. Answers have no blanks at their ends, and
/// blanks alone are none.
/// </summary>
internal static class AnswerSearch
{
    private const int Candidates = 20;

    /// <summary>The best answers, best first; fewer where there are no more.</summary>
    /// <param name="windows">The question with its windows.</param>
    /// <param name="scores">The scores of each window.</param>
    /// <param name="context">The text to cut the answers from.</param>
    /// <param name="count">How many answers.</param>
    /// <param name="maxLength">Tokens of the longest answer.</param>
    public static IReadOnlyList<FoundAnswer> Find(ContextWindows windows, ReadOnlySpan<SpanScores> scores, string context, int count,
        int maxLength)
    {
        var most = Math.Max(Candidates, count);
        var spans = new Dictionary<(int First, int Last), double>();
        for (var window = 0; window < scores.Length; window++)
            AddSpans(spans, windows.Parts[window], windows.ContextPlace, scores[window], most, maxLength);
        var best = spans.OrderByDescending(s => s.Value).ThenBy(s => s.Key).Take(most).ToList();
        if (best.Count == 0)
            return [];
        var weights = best.ConvertAll(s => Math.Exp(s.Value - best[0].Value));
        var sum = weights.Sum();
        return
        [
            .. best.Zip(weights, (span, weight) => Cut(windows.Locate(span.Key.First, span.Key.Last), context, weight / sum))
                .Where(answer => answer.Text.Length > 0)
                .DistinctBy(answer => AnswerMetrics.Normalize(answer.Text) is { Length: > 0 } same ? same : answer.Text)
                .Take(count),
        ];
    }

    private static FoundAnswer Cut((int Start, int End) place, string context, double score)
    {
        var (start, end) = Blanks.Trim(context, place.Start, place.End);
        return new(context[start..end], start, (float)score);
    }

    private static void AddSpans(Dictionary<(int First, int Last), double> spans, Range part, int place, SpanScores scores, int most,
        int maxLength)
    {
        var (first, end) = (part.Start.Value, part.End.Value);
        var starts = Best(scores.Start.AsSpan(place, end - first), most);
        var ends = Best(scores.End.AsSpan(place, end - first), most);
        foreach (var start in starts)
        {
            foreach (var last in ends.Where(last => last >= start && last - start < maxLength))
            {
                var score = (double)scores.Start[place + start] + scores.End[place + last];
                var key = (first + start, first + last);
                if (!spans.TryGetValue(key, out var known) || score > known)
                    spans[key] = score;
            }
        }
    }

    /// <summary>The places of the greatest scores that are numbers; of equal ones the first.</summary>
    private static List<int> Best(ReadOnlySpan<float> scores, int most)
    {
        var values = scores.ToArray();
        return [.. Enumerable.Range(0, values.Length).Where(i => float.IsFinite(values[i])).OrderByDescending(i => values[i]).Take(most)];
    }
}
