using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// A number for a text or a pair of texts: squared error of a classifier with one label, as Hugging Face's problem type «regression». The
/// figures are mean squared error, mean absolute error and Pearson's correlation over ALL held-out texts.
/// </summary>
/// <param name="model">The model to train, with one label.</param>
/// <param name="examples">Texts with their numbers.</param>
[Experimental("MLNETBERT001")]
public sealed class RegressionObjective(SequenceClassifier model,
    SequenceExamples<float> examples) : SequenceObjective<SequenceClassifier, float>(model, examples)
{
    private const string Pairs = "pairs";

    /// <inheritdoc/>
    public override EvaluationResult Result(MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var pairs = sums.Rows(Pairs).Select(r => (Predicted: (double)r.Values.Span[0], Label: (double)r.Values.Span[1])).ToList();
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            [MetricNames.MeanAbsoluteError] = pairs.Average(p => Math.Abs(p.Predicted - p.Label)),
        };
        var (meanPredicted, meanLabel) = (pairs.Average(p => p.Predicted), pairs.Average(p => p.Label));
        var spread = Math.Sqrt(pairs.Sum(p => Square(p.Predicted - meanPredicted)) * pairs.Sum(p => Square(p.Label - meanLabel)));
        if (spread > 0)
            metrics[MetricNames.Pearson] = pairs.Sum(p => (p.Predicted - meanPredicted) * (p.Label - meanLabel)) / spread;
        return new EvaluationResult(pairs.Average(p => Square(p.Predicted - p.Label)), Accuracy: null, pairs.Count) { Metrics = metrics };
    }

    /// <inheritdoc/>
    protected override Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<float> batch)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(batch);
        var predictions = Predictions(inputs); // [batch]
        var labels = tensor(batch.Labels.ToArray()).to(Device); // [batch]
        return nn.functional.mse_loss(predictions, labels, nn.Reduction.Sum);
    }

    /// <inheritdoc/>
    protected override void Evaluate(SequenceInputs inputs, SequenceBatch<float> batch, MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(sums);
        var predictions = Predictions(inputs).cpu().data<float>(); // [batch]
        for (var i = 0; i < batch.Labels.Count; i++)
            sums.AddRow(Pairs, batch.Examples[i], predictions[i], batch.Labels[i]);
    }

    private static double Square(double value) => value * value;

    private Tensor Predictions(SequenceInputs inputs) =>
        Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds).flatten();
}
