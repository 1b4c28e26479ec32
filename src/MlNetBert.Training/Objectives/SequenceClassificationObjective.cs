using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Classification of texts or of pairs of texts (Devlin et al. 2019): cross entropy of the classifier's logits, where asked with a weight
/// for each class.
/// </summary>
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
    protected override Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<int> batch)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(batch);
        var logits = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds); // [batch, classes]
        return Losses.ClassificationSum(logits, BatchTensors.Vector([.. batch.Labels], Device), _weights);
    }
}
