using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>What stands before every decoder and classifier: a dense layer, activation and norm.</summary>
internal sealed class ModernBertHead : HeadTransform
{
    private readonly ModernBertConfig _config;

    [ComponentName(Name = "dense")]
    private readonly Dense _dense;

    [ComponentName(Name = "norm")]
    private readonly Norm _norm;

    public ModernBertHead(ModernBertConfig config)
        : base(nameof(ModernBertHead))
    {
        _config = config;
        _dense = new Dense(config.HiddenSize, config.HiddenSize, config.HeadBias);
        _norm = new Norm(config.HiddenSize, config.LayerNormEpsilon, config.NormBias);
        RegisterComponents();
    }

    public Dense Dense => _dense;

    public Norm Norm => _norm;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> Weights() => ModernBertWeightNames.Head(this, _config);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _norm.Forward(ActivationFunction.Apply(_config.HeadActivation, _dense.Forward(hidden, pass))).MoveToOuterDisposeScope();
    }
}
