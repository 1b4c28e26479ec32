using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.XLNet;

/// <summary>
/// XLNet's encoder (Hugging Face's <c>XLNetModel</c>, Yang et al. 2019, arXiv:1906.08237), without memory between segments.
/// </summary>
internal sealed class XLNetEncoder : TwoStreamBackbone
{
    private readonly XLNetConfig _config;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "queries")]
    private readonly EmbeddingTable _queries;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<XLNetLayer> _layers;

    /// <summary>Builds the encoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal XLNetEncoder(XLNetConfig config)
        : base(nameof(XLNetEncoder), config)
    {
        _config = config;
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize);
        _queries = new EmbeddingTable(1, config.HiddenSize);
        _layers = new ModuleList<XLNetLayer>([.. Enumerable.Range(0, config.LayerCount).Select(_ => new XLNetLayer(config))]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "XLNetModel";

    /// <inheritdoc/>
    public override string PrefixInModels => XLNetWeightNames.Prefix;

    internal EmbeddingTable Words => _words;

    /// <summary>What queries start with: one row.</summary>
    internal EmbeddingTable Queries => _queries;

    internal IReadOnlyList<XLNetLayer> Layers => [.. _layers];

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words, _queries];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => XLNetWeightNames.Of(this, _config, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => XLNetWeightNames.Aliases(_config, prefix, decodes);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: false);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var unpadding = allHiddenStates ? null : Unpadding.Of(inputs.AttentionMask);
        var hidden = pass.Drop(_words.Forward(inputs.Ids), _config.Dropout);                 // [batch, sequence, hidden]
        var table = pass.Drop(RelativeTable.Of(_config, inputs.Ids.shape[1], inputs.Ids.device), _config.Dropout);
        var view = StreamView.OfContent(inputs, HiddenOf(inputs, hides: null, seesItself: true), pass.ProductType);
        hidden = RunLayers(
            hidden, LayerModules, (index, input, current) => _layers[index].Forward(input, table, view, current), [table, .. view.Tensors],
            states, unpadding, pass);
        states?.Add(hidden);
        return new BackboneOutput(pass.Drop(hidden, _config.Dropout), states ?? []).MoveToOuterScope();
    }

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, QueryPlaces places, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: false);
        using var scope = NewDisposeScope();
        var (batch, sequence, count) = (inputs.Ids.shape[0], inputs.Ids.shape[1], places.Positions.shape[1]);
        var states = allHiddenStates ? new List<Tensor>() : null;
        var embedded = cat([_words.Forward(inputs.Ids), _queries.Rows.expand(batch, count, _config.HiddenSize)], 1);
        var table = pass.Drop(RelativeTable.Of(_config, sequence, inputs.Ids.device), _config.Dropout);
        var hides = places.Hidden?.IsEqualTo(0).logical_not();                               // [batch, sequence, sequence]
        var content = StreamView.OfContent(inputs, HiddenOf(inputs, hides, seesItself: true), pass.ProductType);
        var queries = StreamView.OfQueries(
            inputs, HiddenOf(inputs, hides, seesItself: false), places.Positions, table.shape[0], pass.ProductType);
        // What the last layer makes of the content is seen by none: [batch, sequence + queries, hidden], or [batch, queries, hidden].
        var lastOfContent = states is null ? _layers.Count - 1 : _layers.Count;
        var both = RunLayers(
            pass.Drop(embedded, _config.Dropout), LayerModules,
            (index, input, current) =>
                _layers[index].Forward(input, table, index == lastOfContent ? null : content, queries, sequence, current),
            [table, .. content.Tensors, .. queries.Tensors], states, unpadding: null, pass);
        states?.Add(both);
        var last = states is null ? both : both.narrow(1, sequence, count);
        return new BackboneOutput(
            pass.Drop(last, _config.Dropout),
            [.. (states ?? []).SelectMany(state => new[] { state.narrow(1, 0, sequence), state.narrow(1, sequence, count) })])
            .MoveToOuterScope();
    }

    // True where the first may not see the second [batch or 1, 1 or sequence, sequence]; null where all is seen. Whether padding sees
    // itself matters to nobody.
    private Tensor? HiddenOf(ModelInputs inputs, Tensor? hides, bool seesItself)
    {
        using var scope = NewDisposeScope();
        var padding = AttentionMask.PaddingOf(inputs.AttentionMask)?.unsqueeze(1);           // [batch, 1, sequence]
        var pairs = hides;                                                                   // [batch or 1, sequence, sequence]
        var places = TensorArithmetic.Range(inputs.Ids.shape[1], inputs.Ids.device);
        if (_config.SeesEarlierOnly)
        {
            var before = places.unsqueeze(1).sub(places.unsqueeze(0));                       // query − key
            var later = (_config.SeesAlikeMany ? before.IsEqualTo(0) : before.IsAbove(-1)).logical_not().unsqueeze(0);
            pairs = pairs?.logical_or(later) ?? later;
        }

        if (seesItself)
            pairs = pairs?.logical_and(places.unsqueeze(1).ne(places.unsqueeze(0)));
        return (pairs is null ? padding : padding is null ? pairs.alias() : pairs.logical_or(padding))?.MoveToOuterDisposeScope();
    }
}
