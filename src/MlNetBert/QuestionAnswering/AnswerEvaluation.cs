using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Training;
using MlNetBert.Training.Objectives;

namespace MlNetBert.QuestionAnswering;

/// <summary>Loss over ALL windows of held-out questions, and exact match and F1 of their best answers.</summary>
internal sealed class AnswerEvaluation(QuestionAnsweringModel model, SequenceExamples<AnswerWindow> examples, int batchSize,
    int maxAnswerLength)
    : SequenceEvaluation<QuestionAnsweringModel, AnswerWindow>(model, examples, batchSize)
{
    /// <summary>Names among <see cref="EvaluationResult.Metrics"/>.</summary>
    public const string ExactMatch = "exact match";

    /// <inheritdoc cref="ExactMatch"/>
    public const string F1 = "F1";

    private readonly Dictionary<int, SpanScores> _scores = [];
    private double _loss;

    protected override void Begin()
    {
        _scores.Clear();
        _loss = 0;
    }

    protected override void Add(SequenceInputs inputs, IReadOnlyList<int> numbers)
    {
        var logits = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds); // [batch, sequence] each
        _loss += SpanObjective.SummedLoss(logits, inputs.AttentionMask, [.. numbers.Select(i => Examples.Labels[i])]).ReadSingle();
        foreach (var (number, scores) in numbers.Zip(SpanScores.Of(logits)))
            _scores[number] = scores;
    }

    protected override EvaluationResult Result()
    {
        var questions = Examples.Labels
            .Select((label, i) => (Window: (AskedWindow)label, Scores: _scores[i]))
            .GroupBy(w => w.Window.Question);
        var metrics = AnswerMetrics.Of(questions.Select(q => (BestOf([.. q]), (string?)q.First().Window.Answer)));
        _scores.Clear();
        return new EvaluationResult(_loss / Examples.Count, Accuracy: null, Examples.Count)
        {
            Metrics = new Dictionary<string, double> { [ExactMatch] = metrics.ExactMatch, [F1] = metrics.F1 },
        };
    }

    private string? BestOf((AskedWindow Window, SpanScores Scores)[] windows)
    {
        var (asked, scores) = (windows[0].Window, windows.OrderBy(w => w.Window.Number).Select(w => w.Scores).ToArray());
        return AnswerSearch.Find(asked.Windows, scores, asked.Context, 1, maxAnswerLength).FirstOrDefault()?.Text;
    }
}
