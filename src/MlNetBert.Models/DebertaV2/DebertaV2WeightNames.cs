using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.DebertaV2;

/// <summary>The one table of Hugging Face's names for DeBERTa-v2's weights, with what each weight starts with.</summary>
internal static class DebertaV2WeightNames
{
    /// <summary>What stands before the encoder's names in a model with a head.</summary>
    public const string Prefix = "deberta.";

    /// <summary>The dense layer before a sequence classifier.</summary>
    public const string PoolerDense = "pooler.dense";

    private const string Words = "embeddings.word_embeddings.weight";
    private const string Positions = "embeddings.position_embeddings.weight";

    private static readonly BertLayerNames LayerNames = new()
    {
        Query = "attention.self.query_proj",
        Key = "attention.self.key_proj",
        Value = "attention.self.value_proj",
    };

    private static readonly PredictionHeadNames Legacy = new(
        "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder", "cls.predictions.bias");

    // Always tied.
    private static readonly PredictionHeadNames Published = new(
        "lm_predictions.lm_head.dense", "lm_predictions.lm_head.LayerNorm", "lm_predictions.lm_head.decoder",
        "lm_predictions.lm_head.bias");

    /// <summary>What a matrix starts with.</summary>
    public static WeightFill Drawn(ModelConfig config) => PostNormNames.Drawn(config);

    /// <summary>Of the masked-LM head that a configuration asks for.</summary>
    public static PredictionHeadNames Predictions(DebertaV2Config config) => config.HasLegacyHead ? Legacy : Published;

    /// <summary>What the masked-LM head has of a configuration: the published one has no decoder of its own, whatever that says.</summary>
    public static DebertaV2Config OfHead(DebertaV2Config config) =>
        config.HasLegacyHead ? config : config with { TieWordEmbeddings = true };

    /// <summary>Of a model of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What precedes the encoder's names in the model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public static WeightAliases Aliases(DebertaV2Config config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Others = decodes ? Predictions(config).OthersOf(OfHead(config)) : new Dictionary<string, string>(StringComparer.Ordinal),
        Ignored = config.AddsPositions ? ["embeddings.position_ids"] : ["embeddings.position_ids", Positions],
        Tied = OfHead(config).TieWordEmbeddings ? [new(Predictions(config).DecoderWeight, prefix + Words, decodes)] : [],
        Outputs = ["classifier.", "qa_outputs."],
    };

    public static IEnumerable<ModelWeight> Encoder(DebertaV2Encoder encoder, string prefix)
    {
        var drawn = Drawn(encoder.Config);
        return
        [
            new(prefix + Words, encoder.Words.Rows, drawn with { ZeroRow = encoder.Words.Padding }),
            .. Table(prefix + Positions, encoder.Positions),
            .. Table($"{prefix}embeddings.token_type_embeddings.weight", encoder.Types),
            .. encoder.EmbeddingNorm.Weights($"{prefix}embeddings.LayerNorm"),
            .. encoder.Layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{prefix}encoder.layer.{i}"), layer, drawn)),
            .. Table($"{prefix}encoder.rel_embeddings.weight", encoder.Distances),
            .. encoder.DistanceNorm?.Weights($"{prefix}encoder.LayerNorm") ?? [],
            .. encoder.Layers[0].Convolution?.Weights($"{prefix}encoder.conv", drawn) ?? [],
        ];

        IEnumerable<ModelWeight> Table(string name, EmbeddingTable? table) => table is null ? [] : [new(name, table.Rows, drawn)];
    }

    private static IEnumerable<ModelWeight> Layer(string name, DebertaV2Layer layer, WeightFill drawn) =>
    [
        .. LayerNames.WeightsOf(name, layer.Layer, drawn),
        .. layer.DistanceKey?.Weights($"{name}.attention.self.pos_key_proj", drawn) ?? [],
        .. layer.DistanceQuery?.Weights($"{name}.attention.self.pos_query_proj", drawn) ?? [],
    ];
}
