using MlNetBert.Models.Checkpoints;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Root-mean-square normalization over the last dimension (Zhang and Sennrich 2019, arXiv:1910.07467), in float32: no mean is taken away
/// and nothing is added.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class RmsNorm : nn.Module
{
    private readonly double _epsilon;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    /// <summary>Creates the layer with weights that are not yet set.</summary>
    /// <param name="width">The length of the last dimension.</param>
    /// <param name="epsilon">What is added to the mean square.</param>
    public RmsNorm(int width, double epsilon)
        : base(nameof(RmsNorm))
    {
        _epsilon = epsilon;
        _weight = Initialization.Allocate(width);
        RegisterComponents();
    }

    /// <summary>[width].</summary>
    public Parameter Scale => _weight;

    /// <summary>Its weight in a checkpoint: NAME.weight, which starts with ones.</summary>
    /// <param name="name">What Hugging Face calls the layer.</param>
    /// <returns>The weight.</returns>
    public IEnumerable<ModelWeight> Weights(string name) => [new($"{name}.weight", _weight, WeightFill.One)];

    /// <summary>Runs the layer.</summary>
    /// <param name="input">[…, width].</param>
    /// <returns>The same shape, float32, in the caller's dispose scope.</returns>
    public Tensor Forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var wide = input.to(ScalarType.Float32);
        var reciprocal = wide.square().mean([-1], keepdim: true).Plus(_epsilon).rsqrt();     // […, 1]
        return wide.mul(reciprocal).mul(_weight).MoveToOuterDisposeScope();
    }
}
