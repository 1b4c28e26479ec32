using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bart;

/// <summary>BART's decoder: as the encoder, with later positions hidden and attention to the encoder in every layer.</summary>
internal sealed class BartDecoder : Backbone
{
    private readonly BartConfig _config;
    private readonly Func<EmbeddingTable> _words; // the encoder's: a field of a module's type would be registered as a part

    [ComponentName(Name = "embeddings")]
    private readonly BartEmbeddings _embeddings;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<BartDecoderLayer> _layers;

    /// <summary>Builds the decoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="words">Gives the word embeddings, which it shares with the encoder.</param>
    internal BartDecoder(BartConfig config, Func<EmbeddingTable> words)
        : base(nameof(BartDecoder), config)
    {
        (_config, _words) = (config, words);
        _embeddings = new BartEmbeddings(config);
        _layers = new ModuleList<BartDecoderLayer>(
            [.. Enumerable.Range(0, config.DecoderLayerCount).Select(_ => new BartDecoderLayer(config.DecoderShape))]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => nameof(BartDecoder);

    /// <inheritdoc/>
    public override string PrefixInModels => BartWeightNames.Prefix;

    internal BartEmbeddings Embeddings => _embeddings;

    internal IReadOnlyList<BartDecoderLayer> Layers => [.. _layers];

    /// <inheritdoc/>
    protected internal override bool AttendsToEncoder => true;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words().Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_embeddings];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => BartWeightNames.Decoder(this, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) =>
        BartWeightNames.Aliases(_config, prefix, decodes);

    /// <inheritdoc/>
    protected internal override KeyValueCache NewCache() => new(_config.DecoderLayerCount);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireNoSegments(inputs);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var source = SourceAttention.Of(inputs.Encoded!, hidden => ShareAmongLayers(hidden, states), pass.ProductType);
        var attention = DecoderAttention.Of(inputs, window: null, pass.ProductType);
        var hidden = RunLayers(
            _embeddings.Forward(_words(), inputs.Ids, attention.Positions, pass), LayerModules,
            (index, input, current) => _layers[index].Forward(index, input, attention, source, current),
            [.. attention.Needed, .. source.Needed], states, allHiddenStates ? null : attention.Unpadding, pass);
        states?.Add(hidden);
        return new BackboneOutput(hidden, states ?? []).MoveToOuterScope();
    }
}
