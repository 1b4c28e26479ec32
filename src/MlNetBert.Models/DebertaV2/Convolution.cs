using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.DebertaV2;

/// <summary>A convolution over the first layer's input, added to its output and normalized.</summary>
internal sealed class Convolution : nn.Module
{
    private readonly DebertaV2Config _config;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    [ComponentName(Name = "norm")]
    private readonly Norm _norm;

    public Convolution(DebertaV2Config config)
        : base(nameof(Convolution))
    {
        _config = config;
        _weight = Initialization.Allocate(config.HiddenSize, config.HiddenSize / config.ConvolutionGroups, config.ConvolutionWidth);
        _bias = Initialization.Allocate(config.HiddenSize);
        _norm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    /// <summary>Its weights under the names Hugging Face gives them.</summary>
    /// <param name="name">What Hugging Face calls the layer.</param>
    /// <param name="fill">What the kernel starts with.</param>
    public IEnumerable<ModelWeight> Weights(string name, WeightFill fill) =>
    [
        new($"{name}.conv.weight", _weight, fill),
        new($"{name}.conv.bias", _bias, WeightFill.Zero),
        .. _norm.Weights($"{name}.LayerNorm"),
    ];

    /// <summary>
    /// [batch, sequence, hidden] → the same shape, float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    /// <param name="input">The layer's input, which is 0 where padding is.</param>
    /// <param name="output">The layer's output.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor input, Tensor output, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var type = pass.ProductType;
        var padded = (pass.Unpadding?.Put(input) ?? input).to(type).transpose(1, 2);         // [batch, hidden, sequence]
        var near = nn.functional.conv1d(
            padded, _weight.to(type), _bias.to(type), padding: _config.ConvolutionWidth / 2, groups: _config.ConvolutionGroups)
            .transpose(1, 2).contiguous();                                                   // [batch, sequence, hidden]
        var taken = pass.Unpadding?.Take(near) ?? near;
        var update = ActivationFunction.Apply(_config.ConvolutionActivation, pass.Drop(taken, _config.HiddenDropout));
        return _norm.Forward(output.Plus(update)).MoveToOuterDisposeScope();
    }
}
