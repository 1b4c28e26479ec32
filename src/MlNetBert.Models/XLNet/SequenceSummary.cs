using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.XLNet;

/// <summary>What precedes a sequence classifier's linear layer: with or without a dense layer, and an activation or none.</summary>
internal sealed class SequenceSummary : HeadTransform
{
    private readonly XLNetConfig _config;

    [ComponentName(Name = "dense")]
    private readonly Dense? _dense;

    public SequenceSummary(XLNetConfig config)
        : base(nameof(SequenceSummary))
    {
        _config = config;
        _dense = config.ProjectsSummary ? new Dense(config.HiddenSize, config.HiddenSize) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> Weights() => _dense?.Weights(XLNetWeightNames.Summary, PostNormNames.Drawn(_config)) ?? [];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var projected = _dense?.Forward(hidden, pass).to(ScalarType.Float32) ?? hidden.alias();
        return (_config.SummaryActivation is { } activation ? ActivationFunction.Apply(activation, projected) : projected)
            .MoveToOuterDisposeScope();
    }
}
