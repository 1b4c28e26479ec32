using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>What precedes a decoder: a dense layer, an activation and a norm.</summary>
internal sealed class NormedDense : HeadTransform
{
    private readonly Activation _activation;
    private readonly string _denseName;
    private readonly string _normName;
    private readonly WeightFill _fill;

    [ComponentName(Name = "dense")]
    private readonly Dense _dense;

    [ComponentName(Name = "norm")]
    private readonly Norm _norm;

    /// <summary>Makes it with weights that are not set yet.</summary>
    /// <param name="width">The width of hidden states.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="epsilon">What the norm adds to the variance.</param>
    /// <param name="denseName">What Hugging Face calls the dense layer.</param>
    /// <param name="normName">What Hugging Face calls the norm.</param>
    /// <param name="fill">What the dense layer's matrix starts with.</param>
    public NormedDense(int width, Activation activation, double epsilon, string denseName, string normName, WeightFill fill)
        : base(nameof(NormedDense))
    {
        (_activation, _denseName, _normName, _fill) = (activation, denseName, normName, fill);
        _dense = new Dense(width, width);
        _norm = new Norm(width, epsilon);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> Weights() => _dense.Weights(_denseName, _fill).Concat(_norm.Weights(_normName));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _norm.Forward(ActivationFunction.Apply(_activation, _dense.Forward(hidden, pass))).MoveToOuterDisposeScope();
    }
}
