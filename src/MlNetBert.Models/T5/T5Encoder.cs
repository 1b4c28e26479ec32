using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.T5;

/// <summary>T5's encoder (Hugging Face's <c>T5EncoderModel</c>): layers that share a bias by distance, and a norm behind them.</summary>
internal sealed class T5Encoder : Backbone
{
    private readonly T5Config _config;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "relativePositions")]
    private readonly EmbeddingTable _relativePositions;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<T5Layer> _layers;

    [ComponentName(Name = "finalNorm")]
    private readonly RmsNorm _finalNorm;

    /// <summary>Builds the encoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal T5Encoder(T5Config config)
        : base(nameof(T5Encoder), config)
    {
        _config = config;
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize);
        _relativePositions = new EmbeddingTable(config.DistanceBuckets, config.HeadCount);
        _layers = new ModuleList<T5Layer>([.. Enumerable.Range(0, config.LayerCount).Select(_ => new T5Layer(config, isDecoder: false))]);
        _finalNorm = new RmsNorm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "T5EncoderModel";

    // The embeddings are beside the stacks, whose names are the same in every model.
    /// <inheritdoc/>
    public override string PrefixInModels => "";

    internal EmbeddingTable Words => _words;

    internal EmbeddingTable RelativePositions => _relativePositions;

    internal IReadOnlyList<T5Layer> Layers => [.. _layers];

    internal RmsNorm FinalNorm => _finalNorm;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words, _relativePositions];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => T5WeightNames.Encoder(this, _config, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => T5WeightNames.Aliases(_config, decodes);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: false);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var unpadding = allHiddenStates ? null : Unpadding.Of(inputs.AttentionMask);
        var bias = ShareAmongLayers(Bias(inputs, pass), states);                             // [batch or 1, heads, sequence, sequence]
        var hidden = RunLayers(
            pass.Drop(_words.Forward(inputs.Ids), _config.Dropout), LayerModules,
            (index, input, current) => _layers[index].Forward(input, bias, current), [bias], states, unpadding, pass);
        var last = pass.Drop(_finalNorm.Forward(hidden), _config.Dropout);                   // [batch, sequence, hidden]
        states?.Add(last);
        return new BackboneOutput(last, states ?? []).MoveToOuterScope();
    }

    // The same in all layers, with padding hidden.
    private Tensor Bias(ModelInputs inputs, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var bias = _config.DistanceBias(isDecoder: false).Of(_relativePositions, inputs.Ids.shape[1]).to(pass.ProductType);
        var mask = AttentionMask.FromPadding(inputs.AttentionMask, pass.ProductType);        // [batch, 1, 1, sequence]
        return (mask is null ? bias : bias.Plus(mask)).MoveToOuterDisposeScope();
    }
}
