using MlNetBert.Models;

namespace MlNetBert.Training.Objectives;

/// <summary>Mean squared error, mean absolute error and Pearson's correlation over ALL held-out texts.</summary>
/// <param name="model">The model to measure, with one label.</param>
/// <param name="examples">Texts with their numbers.</param>
/// <param name="batchSize">Texts in a batch.</param>
public sealed class RegressionEvaluation(SequenceClassifier model, SequenceExamples<float> examples, int batchSize)
    : SequenceEvaluation<SequenceClassifier, float>(model, examples, batchSize)
{
    /// <summary>The name of the mean absolute error among <see cref="EvaluationResult.Metrics"/>.</summary>
    public const string MeanAbsoluteError = "mean absolute error";

    /// <summary>
    /// The name of Pearson's correlation among <see cref="EvaluationResult.Metrics"/>; not there where labels or predictions are all alike.
    /// </summary>
    public const string Correlation = "Pearson correlation";

    private readonly List<(double Predicted, double Label)> _pairs = [];

    /// <inheritdoc/>
    protected override void Begin() => _pairs.Clear();

    /// <inheritdoc/>
    protected override void Add(SequenceInputs inputs, IReadOnlyList<int> numbers)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(numbers);
        // [batch]
        var predictions = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds).flatten().cpu().data<float>();
        for (var i = 0; i < numbers.Count; i++)
            _pairs.Add((predictions[i], Examples.Labels[numbers[i]]));
    }

    /// <inheritdoc/>
    protected override EvaluationResult Result()
    {
        var metrics = new Dictionary<string, double>(
            StringComparer.Ordinal)
        { [MeanAbsoluteError] = _pairs.Average(p => Math.Abs(p.Predicted - p.Label)) };
        var (meanPredicted, meanLabel) = (_pairs.Average(p => p.Predicted), _pairs.Average(p => p.Label));
        var spread = Math.Sqrt(_pairs.Sum(p => Square(p.Predicted - meanPredicted)) * _pairs.Sum(p => Square(p.Label - meanLabel)));
        if (spread > 0)
            metrics[Correlation] = _pairs.Sum(p => (p.Predicted - meanPredicted) * (p.Label - meanLabel)) / spread;
        return new EvaluationResult(_pairs.Average(p => Square(p.Predicted - p.Label)), Accuracy: null, _pairs.Count) { Metrics = metrics };
    }

    private static double Square(double value) => value * value;
}
