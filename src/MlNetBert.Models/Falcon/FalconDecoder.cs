using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Falcon;

/// <summary>
/// Falcon's decoder (Hugging Face's <c>FalconModel</c>): rotary positions or a bias by distance, and a norm behind the layers.
/// </summary>
internal sealed class FalconDecoder : Backbone
{
    private readonly FalconConfig _config;
    private readonly RotaryAngles? _angles;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<FalconLayer> _layers;

    [ComponentName(Name = "finalNorm")]
    private readonly Norm _finalNorm;

    /// <summary>Builds the decoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal FalconDecoder(FalconConfig config)
        : base(nameof(FalconDecoder), config)
    {
        _config = config;
        _angles = config.UsesAlibi ? null : new RotaryAngles(config.Rotary, config.HeadSize);
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize);
        _layers = new ModuleList<FalconLayer>([.. Enumerable.Range(0, config.LayerCount).Select(_ => new FalconLayer(config))]);
        _finalNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "FalconModel";

    /// <inheritdoc/>
    public override string PrefixInModels => FalconWeightNames.Prefix;

    internal EmbeddingTable Words => _words;

    internal IReadOnlyList<FalconLayer> Layers => [.. _layers];

    internal Norm FinalNorm => _finalNorm;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => FalconWeightNames.Of(this, _config, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => FalconWeightNames.Aliases(_config, prefix, decodes);

    // With eager attention, which references are made with, transformers 5 adds the bias to the mask and to the scores. With sdpa, its
    // default, it is added once, as the models have learned it.
    /// <inheritdoc/>
    internal override string? ReferenceRemark => _config.UsesAlibi
        ? "A reference has ALiBi's bias twice, as eager attention of transformers adds it; outside of this comparison it is added once, as "
            + "its default attention (sdpa) does and as the models have learned it."
        : null;

    /// <inheritdoc/>
    protected internal override KeyValueCache NewCache() => new(_config.LayerCount);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireNoSegments(inputs);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var type = pass.ProductType;
        var attention = DecoderAttention.Of(inputs, window: null, type, _config.UsesAlibi ? Alibi : null);
        var angles = _angles?.Of(attention.Positions, type);
        var hidden = RunLayers(
            _words.Forward(inputs.Ids), LayerModules,                                        // [batch, sequence, hidden]
            (index, input, current) => _layers[index].Forward(index, input, attention, angles, current),
            [.. attention.Needed, .. angles is { } turned ? new[] { turned.Cosine, turned.Sine } : []], states,
            allHiddenStates ? null : attention.Unpadding, pass);
        var last = _finalNorm.Forward(hidden);
        states?.Add(last);
        return new BackboneOutput(last, states ?? []).MoveToOuterScope();

        Tensor Alibi(Tensor places)
        {
            var bias = AlibiBias.Of(places, _config.HeadCount, _config.HeadSize, type);
            return inputs.IsReference ? bias.Plus(bias) : bias;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _angles?.Dispose();
        base.Dispose(disposing);
    }
}
