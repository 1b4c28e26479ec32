using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.DebertaV2;

/// <summary>Hugging Face's names for DeBERTa-v2's weights, where they are not those that architectures of BERT's shape share.</summary>
internal static class DebertaV2WeightNames
{
    /// <summary>The dense layer before a sequence classifier.</summary>
    public const string PoolerDense = "pooler.dense";

    private const string Positions = "embeddings.position_embeddings.weight";

    private static readonly PostNormNames Legacy = new()
    {
        Prefix = "deberta.",
        Predictions = new(
            "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder", "cls.predictions.bias"),
        OlderEnds = new Dictionary<string, string>(StringComparer.Ordinal),
        Outputs = ["classifier.", "qa_outputs."],
        Layer = new()
        {
            Query = "attention.self.query_proj",
            Key = "attention.self.key_proj",
            Value = "attention.self.value_proj",
        },
    };

    private static readonly PostNormNames Published = Legacy with
    {
        Predictions = new(
            "lm_predictions.lm_head.dense", "lm_predictions.lm_head.LayerNorm", "lm_predictions.lm_head.decoder",
            "lm_predictions.lm_head.bias")
        {
            IsAlwaysTied = true,
        },
    };

    /// <summary>Of the masked-LM head that a configuration asks for.</summary>
    public static PostNormNames Of(DebertaV2Config config) => config.HasLegacyHead ? Legacy : Published;

    /// <summary>Of a model of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What precedes the encoder's names in the model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public static WeightAliases Aliases(DebertaV2Config config, string prefix, bool decodes)
    {
        var aliases = Of(config).Aliases(config, prefix, decodes);
        return config.AddsPositions ? aliases : aliases with { Ignored = [.. aliases.Ignored, Positions] };
    }

    public static IEnumerable<ModelWeight> Encoder(DebertaV2Encoder encoder, string prefix)
    {
        var drawn = PostNormNames.Drawn(encoder.Config);
        return
        [
            .. Table(PostNormNames.Words, encoder.Words),
            .. Table(Positions, encoder.Positions),
            .. Table("embeddings.token_type_embeddings.weight", encoder.Types),
            .. encoder.EmbeddingNorm.Weights($"{prefix}embeddings.LayerNorm"),
            .. encoder.Layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{prefix}encoder.layer.{i}"), layer, drawn)),
            .. Table("encoder.rel_embeddings.weight", encoder.Distances),
            .. encoder.DistanceNorm?.Weights($"{prefix}encoder.LayerNorm") ?? [],
            .. encoder.Layers[0].Convolution?.Weights($"{prefix}encoder.conv", drawn) ?? [],
        ];

        IEnumerable<ModelWeight> Table(string name, EmbeddingTable? table) =>
            table is null ? [] : [new(prefix + name, table.Rows, drawn with { ZeroRow = table.Padding })];
    }

    private static IEnumerable<ModelWeight> Layer(string name, DebertaV2Layer layer, WeightFill drawn) =>
    [
        .. Legacy.Layer.WeightsOf(name, layer.Layer, drawn),
        .. layer.DistanceKey?.Weights($"{name}.attention.self.pos_key_proj", drawn) ?? [],
        .. layer.DistanceQuery?.Weights($"{name}.attention.self.pos_query_proj", drawn) ?? [],
    ];
}
