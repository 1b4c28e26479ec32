using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Training.Objectives;

namespace MlNetBert.QuestionAnswering;

/// <summary>
/// Training of a model that finds answers, measured by the loss over ALL windows of held-out questions, and exact match and F1 of their
/// best answers.
/// </summary>
internal sealed class AnswerObjective(QuestionAnsweringModel model, SequenceExamples<AnswerWindow> examples, int maxAnswerLength)
    : ExtractiveAnswerObjective(model, examples)
{
    // A row is a window: the scores of its starts, then those of its ends.
    private const string Windows = "windows";

    public override EvaluationResult Result(MetricSums sums)
    {
        var questions = sums.Rows(Windows)
            .OrderBy(row => row.Example)
            .Select(row => (Window: (AskedWindow)Examples.Labels[(int)row.Example], Scores: row.Values))
            .GroupBy(w => w.Window.Question);
        var metrics = AnswerMetrics.Compute(questions.Select(q => new QuestionAnswerPair(BestOf([.. q]), q.First().Window.Answer)));
        return new EvaluationResult(sums.MeanPerTarget, Accuracy: null, (long)sums[MetricSums.Targets])
        {
            Metrics = new Dictionary<string, double> { [MetricNames.ExactMatch] = metrics.ExactMatch, [MetricNames.F1] = metrics.F1 },
        };
    }

    protected override void Evaluate(SequenceInputs inputs, SequenceBatch<AnswerWindow> batch, MetricSums sums)
    {
        var logits = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds); // [batch, sequence] each
        sums.Add(MetricSums.Loss, SummedLoss(logits, inputs.AttentionMask, batch.Labels).ReadSingle());
        sums.Add(MetricSums.Targets, batch.Labels.Count);
        foreach (var (number, scores) in batch.Examples.Zip(SpanScores.Of(logits)))
            sums.AddRow(Windows, number, [.. scores.Start, .. scores.End]);
    }

    private static SpanScores ScoresOf(ReadOnlyMemory<float> row) =>
        new(row.Span[..(row.Length / 2)].ToArray(), row.Span[(row.Length / 2)..].ToArray());

    private string? BestOf((AskedWindow Window, ReadOnlyMemory<float> Scores)[] windows)
    {
        var (asked, scores) = (windows[0].Window, windows.OrderBy(w => w.Window.Number).Select(w => ScoresOf(w.Scores)).ToArray());
        return AnswerSearch.Find(asked.Windows, scores, asked.Context, 1, maxAnswerLength).FirstOrDefault()?.Text;
    }
}
