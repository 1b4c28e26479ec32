using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.MPNet;

/// <summary>The one table of Hugging Face's names for MPNet's weights, with what each weight starts with.</summary>
internal static class MPNetWeightNames
{
    /// <summary>What stands before the encoder's names in a model with a head.</summary>
    public const string Prefix = "mpnet.";

    /// <summary>Where the pooler's names begin.</summary>
    public const string Pooler = "pooler.";

    /// <summary>Of the head over the vocabulary.</summary>
    public static PredictionHeadNames Predictions { get; } =
        new("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias");

    private static readonly BertLayerNames Layer = new()
    {
        Query = "attention.attn.q",
        Key = "attention.attn.k",
        Value = "attention.attn.v",
        AttentionOutput = "attention.attn.o",
        AttentionNorm = "attention.LayerNorm",
    };

    /// <summary>Of a model of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What precedes the encoder's names in the model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public static WeightAliases Aliases(ModelConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Others = decodes ? Predictions.OthersOf(config) : new Dictionary<string, string>(StringComparer.Ordinal),
        Ignored = ["embeddings.position_ids"],
        Tied = config.TieWordEmbeddings ? [new(Predictions.DecoderWeight, prefix + "embeddings.word_embeddings.weight", decodes)] : [],
        Outputs = PostNormNames.UsualOutputs,
    };

    /// <summary>What a matrix starts with.</summary>
    public static WeightFill Drawn(ModelConfig config) => PostNormNames.Drawn(config);

    public static IEnumerable<ModelWeight> Encoder(MPNetEncoder encoder, string prefix)
    {
        var drawn = Drawn(encoder.Config);
        var embeddings = encoder.Embeddings;
        var padded = drawn with { ZeroRow = MPNetConfig.PaddingRow };
        return
        [
            new($"{prefix}embeddings.word_embeddings.weight", embeddings.Words.Rows, padded),
            new($"{prefix}embeddings.position_embeddings.weight", embeddings.Positions.Rows, padded),
            .. embeddings.Norm.Weights($"{prefix}embeddings.LayerNorm"),
            .. encoder.Layers.SelectMany((layer, i) =>
                Layer.WeightsOf(FormattableString.Invariant($"{prefix}encoder.layer.{i}"), layer, drawn)),
            new($"{prefix}encoder.relative_attention_bias.weight", encoder.RelativePositions.Rows, drawn),
            .. encoder.Pooler?.Weights($"{prefix}{Pooler}dense", drawn) ?? [],
        ];
    }
}
