using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bart;

/// <summary>BART's encoder: BERT's layers behind embeddings of its own.</summary>
internal sealed class BartEncoder : PostNormBackbone
{
    private readonly BartConfig _config;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "embeddings")]
    private readonly BartEmbeddings _embeddings;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<BertLayer> _layers;

    /// <summary>Builds the encoder; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal BartEncoder(BartConfig config)
        : base(nameof(BartEncoder), config)
    {
        _config = config;
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize, config.PadTokenId);
        _embeddings = new BartEmbeddings(config);
        _layers = new ModuleList<BertLayer>([.. Enumerable.Range(0, config.LayerCount).Select(_ => new BertLayer(config.EncoderShape))]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => nameof(BartEncoder);

    /// <inheritdoc/>
    public override string PrefixInModels => BartWeightNames.Prefix;

    internal EmbeddingTable Words => _words;

    internal BartEmbeddings Embeddings => _embeddings;

    /// <inheritdoc/>
    internal override IReadOnlyList<BertLayer> Layers => [.. _layers];

    private protected override BertLayerShape LayerShape => _config.EncoderShape;

    /// <inheritdoc/>
    protected internal override Parameter WordEmbeddings => _words.Rows;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words, _embeddings];

    /// <inheritdoc/>
    protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix) => BartWeightNames.Encoder(this, prefix);

    /// <inheritdoc/>
    protected internal override WeightAliases AliasesIn(string prefix, bool decodes) =>
        BartWeightNames.Aliases(_config, prefix, decodes);

    /// <inheritdoc/>
    protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        RequireEncoderInputs(inputs, takesPositionIds: true);
        using var scope = NewDisposeScope();
        var mask = AttentionMask.FromPadding(inputs.AttentionMask, pass.ProductType);
        var places = inputs.PositionIds?.alias() ?? TensorArithmetic.Range(inputs.Ids.shape[1], inputs.Ids.device).unsqueeze(0);
        var hidden = _embeddings.Forward(_words, inputs.Ids, places, pass);                  // [batch, sequence, hidden]
        return RunBertLayers(hidden, mask, inputs, allHiddenStates, pass).MoveToOuterScope();
    }
}
