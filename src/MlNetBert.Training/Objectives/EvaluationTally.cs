using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>Sums cross entropy and right answers over batches.</summary>
internal sealed class EvaluationTally
{
    private double _loss;
    private long _right;
    private long _targets;

    /// <summary>Adds a batch.</summary>
    /// <param name="logits">[targets, classes], float32.</param>
    /// <param name="labels">[targets], int64.</param>
    public void Add(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        // In float64: the sum of many large losses has no place in float32.
        _loss += nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None).sum(ScalarType.Float64).cpu().item<double>();
        _right += logits.argmax(1).eq(labels).sum().cpu().item<long>();
        _targets += labels.shape[0];
    }

    /// <summary>The means; NaN where there was no target.</summary>
    public EvaluationResult Result() => new(_loss / _targets, (double)_right / _targets, _targets);
}
