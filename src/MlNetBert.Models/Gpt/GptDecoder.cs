using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Gpt;

/// <summary>
/// GPT's decoder (Hugging Face's <c>OpenAIGPTModel</c>, Radford et al. 2018) and GPT-2's (<c>GPT2Model</c>, Radford et al. 2019): learned
/// positions; GPT-2 has a norm behind the layers, too.
/// </summary>
internal sealed class GptDecoder : Backbone
{
    private readonly GptConfig _config;
    private readonly GptNames _names;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "positions")]
    private readonly EmbeddingTable _positions;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<GptLayer> _layers;

    [ComponentName(Name = "finalNorm")]
    private readonly Norm? _finalNorm;

    /// <summary>Builds the decoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c> for the decoder alone.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="names">What Hugging Face calls its weights.</param>
    internal GptDecoder(string className, GptConfig config, GptNames names)
        : base(nameof(GptDecoder), config)
    {
        (ClassName, _config, _names) = (className, config, names);
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize);
        _positions = new EmbeddingTable(config.MaxPositions, config.HiddenSize);
        _layers = new ModuleList<GptLayer>([.. Enumerable.Range(0, config.LayerCount).Select(i => new GptLayer(config, i))]);
        _finalNorm = config.NormalizesFirst ? new Norm(config.HiddenSize, config.LayerNormEpsilon) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName { get; }

    /// <inheritdoc/>
    public override string PrefixInModels => GptNames.Prefix;

    internal EmbeddingTable Words => _words;

    internal EmbeddingTable Positions => _positions;

    internal IReadOnlyList<GptLayer> Layers => [.. _layers];

    internal Norm? FinalNorm => _finalNorm;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words, _positions];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => _names.WeightsOf(this, _config, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => _names.Aliases(_config, prefix, decodes);

    /// <inheritdoc/>
    protected internal override KeyValueCache NewCache() => new(_config.LayerCount);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireNoSegments(inputs);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var attention = DecoderAttention.Of(inputs, window: null, _config.WidensAttention ? ScalarType.Float32 : pass.ProductType);
        // [batch, sequence, hidden], of positions [batch or 1, sequence, hidden]
        var embedded = _words.Forward(inputs.Ids).Plus(_positions.Forward(attention.Positions));
        var hidden = RunLayers(
            pass.Drop(embedded, _config.EmbeddingDropout), LayerModules,
            (index, input, current) => _layers[index].Forward(index, input, attention, current), attention.Needed, states,
            allHiddenStates ? null : attention.Unpadding, pass);
        var last = _finalNorm?.Forward(hidden) ?? hidden;
        states?.Add(last);
        return new BackboneOutput(last, states ?? []).MoveToOuterScope();
    }
}
