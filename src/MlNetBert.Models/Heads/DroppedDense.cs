using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>What precedes a classifier's linear layer: dropout, a dense layer and a function.</summary>
internal sealed class DroppedDense : HeadTransform
{
    private readonly double _dropout;
    private readonly Func<Tensor, Tensor> _function;
    private readonly string _denseName;
    private readonly WeightFill _fill;

    [ComponentName(Name = "dense")]
    private readonly Dense _dense;

    /// <summary>Makes it with weights that are not set yet.</summary>
    /// <param name="width">The width of hidden states.</param>
    /// <param name="dropout">The probability of dropout, in [0, 1).</param>
    /// <param name="function">What the dense layer's result goes through, float32.</param>
    /// <param name="denseName">What Hugging Face calls the dense layer.</param>
    /// <param name="fill">What the dense layer's matrix starts with.</param>
    public DroppedDense(int width, double dropout, Func<Tensor, Tensor> function, string denseName, WeightFill fill)
        : base(nameof(DroppedDense))
    {
        (_dropout, _function, _denseName, _fill) = (dropout, function, denseName, fill);
        _dense = new Dense(width, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> Weights() => _dense.Weights(_denseName, _fill);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _function(_dense.Forward(pass.Drop(hidden, _dropout), pass).to(ScalarType.Float32)).MoveToOuterDisposeScope();
    }
}
