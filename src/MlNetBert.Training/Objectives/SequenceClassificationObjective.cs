using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Classification of texts or of pairs of texts (Devlin et al. 2019): cross entropy of the classifier's logits, where asked with a weight
/// for each class. The figures are loss and accuracy over ALL held-out texts, in which classes count alike.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class SequenceClassificationObjective : SequenceObjective<SequenceClassifier, int>, IDisposable
{
    private readonly Tensor? _weights;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="examples">Texts with the ids of their classes.</param>
    /// <param name="classWeights">A factor on the loss of each class, [classes]; null for none. They are scaled so that their mean over the
    /// examples is 1.</param>
    public SequenceClassificationObjective(SequenceClassifier model, SequenceExamples<int> examples,
        IReadOnlyList<double>? classWeights = null)
        : base(model, examples)
    {
        if (classWeights is null)
            return;
        var mean = examples.Labels.Average(label => classWeights[label]);
        using var scope = NewDisposeScope();
        _weights = tensor(classWeights.Select(w => (float)(w / mean)).ToArray()).to(Device).DetachFromDisposeScope(); // [classes]
    }

    /// <inheritdoc/>
    public void Dispose() => _weights?.Dispose();

    /// <inheritdoc/>
    public override EvaluationResult Result(MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return new EvaluationResult(sums.MeanPerTarget, sums.Accuracy, (long)sums[MetricSums.Targets]);
    }

    /// <inheritdoc/>
    protected override Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<int> batch)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(batch);
        return Losses.ClassificationSum(Logits(inputs), BatchTensors.Vector([.. batch.Labels], Device), _weights);
    }

    /// <inheritdoc/>
    protected override void Evaluate(SequenceInputs inputs, SequenceBatch<int> batch, MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(sums);
        sums.AddClasses(Logits(inputs), BatchTensors.Vector([.. batch.Labels], Device));
    }

    private Tensor Logits(SequenceInputs inputs) =>
        Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds); // [batch, classes]
}
