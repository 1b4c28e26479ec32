using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.DebertaV2;

/// <summary>The DeBERTa-v2 encoder (Hugging Face's <c>DebertaV2Model</c>), DeBERTa-v3's as well.</summary>
internal sealed class DebertaV2Encoder : Backbone
{
    private readonly DebertaV2Config _config;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "positions")]
    private readonly EmbeddingTable? _positions;

    [ComponentName(Name = "types")]
    private readonly EmbeddingTable? _types;

    [ComponentName(Name = "embeddingNorm")]
    private readonly Norm _embeddingNorm;

    [ComponentName(Name = "distances")]
    private readonly EmbeddingTable? _distances;

    [ComponentName(Name = "distanceNorm")]
    private readonly Norm? _distanceNorm;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<DebertaV2Layer> _layers;

    /// <summary>Builds the encoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal DebertaV2Encoder(DebertaV2Config config)
        : base(nameof(DebertaV2Encoder), config)
    {
        _config = config;
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize, config.PadTokenId);
        _positions = config.AddsPositions ? new EmbeddingTable(config.MaxPositions, config.HiddenSize) : null;
        _types = config.TokenTypes > 0 ? new EmbeddingTable(config.TokenTypes, config.HiddenSize) : null;
        _embeddingNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        _distances = config.KnowsDistances ? new EmbeddingTable(2 * config.DistanceSpan, config.HiddenSize) : null;
        _distanceNorm = config.KnowsDistances && config.NormalizesDistances ? new Norm(config.HiddenSize, config.LayerNormEpsilon) : null;
        _layers = new ModuleList<DebertaV2Layer>([.. Enumerable.Range(0, config.LayerCount).Select(i => new DebertaV2Layer(config, i))]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "DebertaV2Model";

    /// <inheritdoc/>
    public override string PrefixInModels => DebertaV2WeightNames.Of(_config).Prefix;

    internal EmbeddingTable Words => _words;

    internal EmbeddingTable? Positions => _positions;

    internal EmbeddingTable? Types => _types;

    internal Norm EmbeddingNorm => _embeddingNorm;

    internal EmbeddingTable? Distances => _distances;

    internal Norm? DistanceNorm => _distanceNorm;

    internal IReadOnlyList<DebertaV2Layer> Layers => [.. _layers];

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules =>
        [.. new nn.Module?[] { _words, _positions, _types, _embeddingNorm, _distances, _distanceNorm }.OfType<nn.Module>()];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => DebertaV2WeightNames.Encoder(this, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) =>
        DebertaV2WeightNames.Aliases(_config, prefix, decodes);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: _config.AddsPositions);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var unpadding = allHiddenStates ? null : Unpadding.Of(inputs.AttentionMask);
        var padding = AttentionMask.PaddingOf(inputs.AttentionMask);                         // [batch, sequence]
        var hiddenScores = HiddenScores(padding, unpadding);
        var hidden = Embed(inputs, padding, pass);                                           // [batch, sequence, hidden]
        var distances = DistancesOf(inputs.Ids.shape[1], states);
        Tensor?[] needed = [hiddenScores, distances?.Table, distances?.Rows];
        hidden = RunLayers(
            hidden, LayerModules, (index, input, current) => _layers[index].Forward(input, hiddenScores, distances, current),
            [.. needed.OfType<Tensor>()], states, unpadding, pass);
        states?.Add(hidden);
        return new BackboneOutput(hidden, states ?? []).MoveToOuterScope();
    }

    // [batch, sequence] → [batch, sequence, hidden]
    private Tensor Embed(ModelInputs inputs, Tensor? padding, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var sum = _words.Forward(inputs.Ids);
        if (_positions is not null)
        {
            sum = sum.Plus(inputs.PositionIds is { } places
                ? _positions.Forward(places) : _positions.Rows.narrow(0, 0, inputs.Ids.shape[1]));
        }

        if (_types is not null)
            sum = sum.Plus(inputs.TokenTypeIds is { } types ? _types.Forward(types) : _types.Rows.narrow(0, 0, 1));
        var hidden = _embeddingNorm.Forward(sum);
        // A convolution reads the padding beside a text, and a head for questions and answers what becomes of it.
        if (padding is not null)
            hidden = hidden.mul(padding.logical_not().unsqueeze(-1));
        return pass.Drop(hidden, _config.HiddenDropout).MoveToOuterDisposeScope();
    }

    // [batch, 1, 1 or sequence, sequence]: true where a score does not count; null where all do. Where padding stays, it attends to
    // everything alike, as in transformers: a head for questions and answers sees what padding has.
    private static Tensor? HiddenScores(Tensor? padding, Unpadding? unpadding)
    {
        if (padding is null)
            return null;
        using var scope = NewDisposeScope();
        var keys = padding.unsqueeze(1).unsqueeze(1);
        return (unpadding is null ? keys.logical_or(padding.unsqueeze(1).unsqueeze(-1)) : keys).MoveToOuterDisposeScope();
    }

    // The rows between those of the two farthest distances are all that the sequence looks up.
    private Distances? DistancesOf(long sequence, List<Tensor>? states)
    {
        if (_distances is null)
            return null;
        var rows = DistanceTable.RowsOf(_config, sequence);
        var (lowest, highest) = (rows[^1], rows[0]);
        using var taken = _distances.Rows.narrow(0, lowest, highest - lowest + 1);
        var table = _distanceNorm?.Forward(taken) ?? taken.alias();
        return new Distances(
            ShareAmongLayers(table, states), RelativeRows.Of(Array.ConvertAll(rows, row => row - lowest), _distances.Rows.device));
    }
}
