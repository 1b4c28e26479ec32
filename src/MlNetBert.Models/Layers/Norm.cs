using MlNetBert.Models.Checkpoints;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Layer normalization over the last dimension, in float32.</summary>
[Experimental("MLNETBERT001")]
public sealed class Norm : nn.Module
{
    private readonly long[] _shape;
    private readonly double _epsilon;

    [ComponentName(Name = "weight")]
    private Parameter _weight;

    [ComponentName(Name = "bias")]
    private Parameter? _bias;

    /// <summary>Creates the layer with weights that are not yet set.</summary>
    /// <param name="width">The length of the last dimension.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <param name="bias">With an offset.</param>
    public Norm(int width, double epsilon, bool bias = true)
        : base(nameof(Norm))
    {
        _shape = [width];
        _epsilon = epsilon;
        _weight = Initialization.Allocate(width);
        _bias = bias ? Initialization.Allocate(width) : null;
        RegisterComponents();
    }

    /// <summary>[width].</summary>
    public Parameter Scale => _weight;

    /// <summary>[width], or null.</summary>
    public Parameter? Offset => _bias;

    /// <summary>What is added to the variance.</summary>
    public double Epsilon => _epsilon;

    /// <summary>Its weights in a checkpoint: NAME.weight, which starts with ones, and NAME.bias where it has one.</summary>
    /// <param name="name">What Hugging Face calls the layer.</param>
    /// <returns>The weights.</returns>
    public IEnumerable<ModelWeight> Weights(string name) =>
    [
        new($"{name}.weight", _weight, WeightFill.One),
        .. _bias is null ? Array.Empty<ModelWeight>() : [new($"{name}.bias", _bias, WeightFill.Zero)],
    ];

    /// <summary>Takes another norm's weights in place of its own: both learn the same ones, which stay the other's.</summary>
    internal void Borrow(Norm owner)
    {
        _weight = Borrowed.Of(_weight, owner._weight);
        ConditionallyRegisterParameter("weight", _weight);
        if (_bias is null || owner._bias is null)
            return;
        _bias = Borrowed.Of(_bias, owner._bias);
        ConditionallyRegisterParameter("bias", _bias);
    }

    /// <summary>Runs the layer.</summary>
    /// <param name="input">[…, width].</param>
    /// <returns>The same shape, float32, in the caller's dispose scope.</returns>
    public Tensor Forward(Tensor input)
    {
        if (input.dtype == ScalarType.Float32)
            return nn.functional.layer_norm(input, _shape, _weight, _bias, _epsilon);
        using var wide = input.to(ScalarType.Float32);
        return nn.functional.layer_norm(wide, _shape, _weight, _bias, _epsilon);
    }
}
