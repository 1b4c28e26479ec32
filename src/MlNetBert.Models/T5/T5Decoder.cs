using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.T5;

/// <summary>T5's decoder: as the encoder, with later positions hidden and attention to the encoder in every layer.</summary>
internal sealed class T5Decoder : Backbone
{
    private readonly T5Config _config;
    private readonly Func<EmbeddingTable> _words; // the encoder's: a field of a module's type would be registered as a part

    [ComponentName(Name = "relativePositions")]
    private readonly EmbeddingTable _relativePositions;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<T5Layer> _layers;

    [ComponentName(Name = "finalNorm")]
    private readonly RmsNorm _finalNorm;

    /// <summary>Builds the decoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="words">Gives the word embeddings, which it shares with the encoder.</param>
    internal T5Decoder(T5Config config, Func<EmbeddingTable> words)
        : base(nameof(T5Decoder), config)
    {
        (_config, _words) = (config, words);
        _relativePositions = new EmbeddingTable(config.DistanceBuckets, config.HeadCount);
        _layers = new ModuleList<T5Layer>(
            [.. Enumerable.Range(0, config.DecoderLayerCount).Select(_ => new T5Layer(config, isDecoder: true))]);
        _finalNorm = new RmsNorm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => nameof(T5Decoder);

    /// <inheritdoc/>
    public override string PrefixInModels => "";

    internal EmbeddingTable RelativePositions => _relativePositions;

    internal IReadOnlyList<T5Layer> Layers => [.. _layers];

    internal RmsNorm FinalNorm => _finalNorm;

    /// <inheritdoc/>
    protected internal override bool AttendsToEncoder => true;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words().Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_relativePositions];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => T5WeightNames.Decoder(this, _config, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => T5WeightNames.Aliases(_config, decodes);

    /// <inheritdoc/>
    protected internal override KeyValueCache NewCache() => new(_config.DecoderLayerCount);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireNoSegments(inputs);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var source = SourceAttention.Of(inputs.Encoded!, hidden => ShareAmongLayers(hidden, states), pass.ProductType);
        var attention = DecoderAttention.Of(inputs, window: null, pass.ProductType, places => Bias(inputs, places, pass))
            .WithMask(mask => ShareAmongLayers(mask, states));
        var hidden = RunLayers(
            pass.Drop(_words().Forward(inputs.Ids), _config.Dropout), LayerModules,
            (index, input, current) => _layers[index].Forward(index, input, attention, source, current),
            [.. attention.Needed, .. source.Needed], states, allHiddenStates ? null : attention.Unpadding, pass);
        var last = pass.Drop(_finalNorm.Forward(hidden), _config.Dropout);                   // [batch, sequence, hidden]
        states?.Add(last);
        return new BackboneOutput(last, states ?? []).MoveToOuterScope();
    }

    // [1, heads, sequence, keys]
    private Tensor Bias(ModelInputs inputs, Tensor places, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _config.DistanceBias(isDecoder: true).Of(_relativePositions, places.shape[1], inputs.Ids.shape[1]).to(pass.ProductType)
            .MoveToOuterDisposeScope();
    }
}
