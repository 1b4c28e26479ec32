using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>What precedes a classifier's linear layer: dropout, a dense layer and an activation.</summary>
internal sealed class DroppedDense : HeadTransform
{
    private readonly double _dropout;
    private readonly Activation _activation;
    private readonly string _denseName;
    private readonly WeightFill _fill;

    [ComponentName(Name = "dense")]
    private readonly Dense _dense;

    /// <summary>Makes it with weights that are not set yet.</summary>
    /// <param name="config">The model's configuration: the width of hidden states, and what the dense layer's matrix starts with.</param>
    /// <param name="dropout">The probability of dropout, in [0, 1).</param>
    /// <param name="activation">The activation, in float32.</param>
    /// <param name="denseName">What Hugging Face calls the dense layer.</param>
    public DroppedDense(ModelConfig config, double dropout, Activation activation, string denseName)
        : base(nameof(DroppedDense))
    {
        (_dropout, _activation, _denseName, _fill) = (dropout, activation, denseName, PostNormNames.Drawn(config));
        _dense = new Dense(config.HiddenSize, config.HiddenSize);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> Weights() => _dense.Weights(_denseName, _fill);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var dense = _dense.Forward(pass.Drop(hidden, _dropout), pass).to(ScalarType.Float32);
        return ActivationFunction.Apply(_activation, dense).MoveToOuterDisposeScope();
    }
}
