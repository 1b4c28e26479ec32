using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.MPNet;

/// <summary>
/// The MPNet encoder (Hugging Face's <c>MPNetModel</c>), with or without its pooler: BERT's layers, whose attention has a bias by distance.
/// </summary>
internal sealed class MPNetEncoder : Backbone
{
    private readonly MPNetConfig _config;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "positions")]
    private readonly EmbeddingTable _positions;

    [ComponentName(Name = "embeddingNorm")]
    private readonly Norm _embeddingNorm;

    [ComponentName(Name = "relativePositions")]
    private readonly EmbeddingTable _relativePositions;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<BertLayer> _layers;

    [ComponentName(Name = "pooler")]
    private readonly Dense? _pooler;

    /// <summary>Builds the encoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="pooler">With the pooler: a dense layer and tanh over the first position.</param>
    internal MPNetEncoder(MPNetConfig config, bool pooler)
        : base(nameof(MPNetEncoder), config)
    {
        _config = config;
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize, MPNetConfig.PaddingRow);
        _positions = new EmbeddingTable(config.MaxPositions, config.HiddenSize, MPNetConfig.PaddingRow);
        _embeddingNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        _relativePositions = new EmbeddingTable(config.RelativePositions, config.HeadCount);
        _layers = new ModuleList<BertLayer>([.. Enumerable.Range(0, config.LayerCount).Select(_ => new BertLayer(config.LayerShape))]);
        _pooler = pooler ? new Dense(config.HiddenSize, config.HiddenSize) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "MPNetModel";

    /// <inheritdoc/>
    public override string PrefixInModels => MPNetWeightNames.Prefix;

    internal EmbeddingTable Words => _words;

    internal EmbeddingTable Positions => _positions;

    internal Norm EmbeddingNorm => _embeddingNorm;

    internal EmbeddingTable RelativePositions => _relativePositions;

    internal IReadOnlyList<BertLayer> Layers => [.. _layers];

    internal Dense? Pooler => _pooler;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words, _positions, _embeddingNorm, _relativePositions];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => MPNetWeightNames.Encoder(this, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => MPNetWeightNames.Aliases(Config, prefix, decodes);

    /// <inheritdoc/>
    protected internal override bool IsForHeads(string name) => name.StartsWith(MPNetWeightNames.Pooler, StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: true);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var unpadding = allHiddenStates ? null : Unpadding.Of(inputs.AttentionMask);
        var hidden = Embed(inputs, pass);                                                    // [batch, sequence, hidden]
        var bias = ShareAmongLayers(Bias(inputs, pass), states);                             // [batch or 1, heads, sequence, sequence]
        hidden = RunLayers(
            hidden, LayerModules, (index, input, current) => _layers[index].Forward(input, bias, current), [bias], states, unpadding, pass);
        states?.Add(hidden);
        return new BackboneOutput(hidden, states ?? []).MoveToOuterScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor? Pool(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _pooler?.Forward(hidden.select(1, 0), pass).to(ScalarType.Float32).tanh().MoveToOuterDisposeScope();
    }

    // [batch, sequence] → [batch, sequence, hidden]
    private Tensor Embed(ModelInputs inputs, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var places = inputs.PositionIds ?? PaddedPositions.Of(inputs.Ids, MPNetConfig.PaddingRow);
        var sum = _words.Forward(inputs.Ids).Plus(_positions.Forward(places));
        return pass.Drop(_embeddingNorm.Forward(sum), _config.HiddenDropout).MoveToOuterDisposeScope();
    }

    // The same in all layers, with padding hidden.
    private Tensor Bias(ModelInputs inputs, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var bias = RelativeBias.Of(_relativePositions, inputs.Ids.shape[1]).to(pass.ProductType);
        var mask = AttentionMask.FromPadding(inputs.AttentionMask, pass.ProductType);        // [batch, 1, 1, sequence]
        return (mask is null ? bias : bias.Plus(mask)).MoveToOuterDisposeScope();
    }
}
