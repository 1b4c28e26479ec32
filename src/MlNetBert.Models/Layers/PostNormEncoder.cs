using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Configuration;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// The encoder of BERT and of the architectures of its shape: embeddings, where their width is another a projection, layers that normalise
/// behind each addition, and with or without a pooler. Layers may be shared: one then runs several times.
/// </summary>
internal sealed class PostNormEncoder : PostNormBackbone
{
    private readonly PostNormConfig _config;
    private readonly PostNormNames _names;
    private readonly IReadOnlyList<int> _order;

    [ComponentName(Name = "embeddings")]
    private readonly BertEmbeddings _embeddings;

    [ComponentName(Name = "projection")]
    private readonly Dense? _projection;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<BertLayer> _layers;

    [ComponentName(Name = "pooler")]
    private readonly Dense? _pooler;

    /// <summary>Builds the encoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c> for the encoder alone.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="names">What its weights are called.</param>
    /// <param name="pooler">With the pooler: a dense layer and tanh over the first position.</param>
    internal PostNormEncoder(string className, PostNormConfig config, PostNormNames names, bool pooler)
        : base(className, config)
    {
        (ClassName, _config, _names, _order) = (className, config, names, config.LayerOrder);
        _embeddings = new BertEmbeddings(config.EmbeddingShape);
        _projection = config.ProjectsEmbeddings ? new Dense(config.EmbeddingWidth, config.HiddenSize) : null;
        _layers = new ModuleList<BertLayer>([.. _order.Distinct().Select(_ => new BertLayer(config.LayerShape))]);
        _pooler = pooler ? new Dense(config.HiddenSize, config.HiddenSize) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName { get; }

    /// <inheritdoc/>
    public override string PrefixInModels => _names.Prefix;

    internal BertEmbeddings Embeddings => _embeddings;

    internal Dense? Projection => _projection;

    /// <summary>Every layer once.</summary>
    internal IEnumerable<BertLayer> DistinctLayers => _layers;

    /// <inheritdoc/>
    internal override IReadOnlyList<BertLayer> Layers => [.. _order.Select(index => _layers[index])];

    private protected override BertLayerShape LayerShape => _config.LayerShape;

    internal Dense? Pooler => _pooler;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _embeddings.Words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules =>
        _projection is null ? [_embeddings] : [_embeddings, _projection];

    /// <inheritdoc/>
    internal override void BorrowEmbeddings(Backbone owner) => _embeddings.Borrow(((PostNormEncoder)owner)._embeddings);

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => _names.WeightsOf(this, _config, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) => _names.Aliases(Config, prefix, decodes);

    /// <inheritdoc/>
    protected internal override bool IsForHeads(string name) => name.StartsWith(_names.Pooler, StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: true);
        using var scope = NewDisposeScope();
        var mask = AttentionMask.FromPadding(inputs.AttentionMask, pass.ProductType);
        var hidden = _embeddings.Forward(inputs, pass);                                      // [batch, sequence, width]
        if (_projection is not null)
            hidden = _projection.Forward(hidden, pass).to(ScalarType.Float32);               // [batch, sequence, hidden]
        return RunBertLayers(hidden, mask, inputs, allHiddenStates, pass).MoveToOuterScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor? Pool(Tensor hidden, ForwardPass pass) => FirstPosition.Pool(_pooler, hidden, pass);
}
