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
    [ComponentName(Name = "embeddings")]
    private readonly BertEmbeddings _embeddings;

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
        _embeddings = new BertEmbeddings(config.EmbeddingShape);
        _relativePositions = new EmbeddingTable(config.RelativePositions, config.HeadCount);
        _layers = new ModuleList<BertLayer>([.. Enumerable.Range(0, config.LayerCount).Select(_ => new BertLayer(config.LayerShape))]);
        _pooler = pooler ? new Dense(config.HiddenSize, config.HiddenSize) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "MPNetModel";

    /// <inheritdoc/>
    public override string PrefixInModels => MPNetWeightNames.Names.Prefix;

    internal BertEmbeddings Embeddings => _embeddings;

    internal EmbeddingTable RelativePositions => _relativePositions;

    internal IReadOnlyList<BertLayer> Layers => [.. _layers];

    internal Dense? Pooler => _pooler;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _embeddings.Words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_embeddings, _relativePositions];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => MPNetWeightNames.Encoder(this, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) =>
        MPNetWeightNames.Names.Aliases(Config, prefix, decodes);

    /// <inheritdoc/>
    protected internal override bool IsForHeads(string name) => name.StartsWith(MPNetWeightNames.Names.Pooler, StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: true);
        using var scope = NewDisposeScope();
        var states = allHiddenStates ? new List<Tensor>() : null;
        var unpadding = allHiddenStates ? null : Unpadding.Of(inputs.AttentionMask);
        var hidden = _embeddings.Forward(inputs, pass);                                      // [batch, sequence, hidden]
        var bias = ShareAmongLayers(Bias(inputs, pass), states);                             // [batch or 1, heads, sequence, sequence]
        hidden = RunLayers(
            hidden, LayerModules, (index, input, current) => _layers[index].Forward(input, bias, current), [bias], states, unpadding, pass);
        states?.Add(hidden);
        return new BackboneOutput(hidden, states ?? []).MoveToOuterScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor? Pool(Tensor hidden, ForwardPass pass) => FirstPosition.Pool(_pooler, hidden, pass);

    // The same in all layers, with padding hidden.
    private Tensor Bias(ModelInputs inputs, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var bias = MPNetConfig.DistanceBias.Of(_relativePositions, inputs.Ids.shape[1]).to(pass.ProductType);
        var mask = AttentionMask.FromPadding(inputs.AttentionMask, pass.ProductType);        // [batch, 1, 1, sequence]
        return (mask is null ? bias : bias.Plus(mask)).MoveToOuterDisposeScope();
    }
}
