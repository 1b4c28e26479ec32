using System.Collections.Frozen;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.MPNet;

/// <summary>The one table of Hugging Face's names for MPNet's weights, with what each weight starts with.</summary>
internal static class MPNetWeightNames
{
    /// <summary>What stands before the encoder's names in a model with a head.</summary>
    public const string Prefix = "mpnet.";

    /// <summary>Where the pooler's names begin.</summary>
    public const string Pooler = "pooler.";

    /// <summary>The dense layer before the decoder.</summary>
    public const string HeadDense = "lm_head.dense";

    /// <summary>The norm before the decoder.</summary>
    public const string HeadNorm = "lm_head.layer_norm";

    /// <summary>The decoder's matrix.</summary>
    public const string DecoderWeight = "lm_head.decoder.weight";

    /// <summary>The decoder's bias.</summary>
    public const string DecoderBias = "lm_head.bias";

    private static readonly FrozenDictionary<string, string> HeadOthers =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["lm_head.decoder.bias"] = DecoderBias }
            .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Of a model of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What precedes the encoder's names in the model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public static WeightAliases Aliases(ModelConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Others = decodes ? HeadOthers : FrozenDictionary<string, string>.Empty,
        Ignored = ["embeddings.position_ids"],
        Tied = config.TieWordEmbeddings ? [new(DecoderWeight, prefix + "embeddings.word_embeddings.weight", decodes)] : [],
        Outputs = ["classifier.weight", "classifier.bias", "classifier.out_proj.", "qa_outputs."],
    };

    /// <summary>What a matrix starts with.</summary>
    public static WeightFill Drawn(ModelConfig config) => new(WeightFillKind.Normal, config.InitializerRange);

    public static IEnumerable<ModelWeight> Encoder(MPNetEncoder encoder, string prefix)
    {
        var drawn = Drawn(encoder.Config);
        var padded = drawn with { ZeroRow = MPNetConfig.PaddingRow };
        return
        [
            new($"{prefix}embeddings.word_embeddings.weight", encoder.Words.Rows, padded),
            new($"{prefix}embeddings.position_embeddings.weight", encoder.Positions.Rows, padded),
            .. encoder.EmbeddingNorm.Weights($"{prefix}embeddings.LayerNorm"),
            .. encoder.Layers.SelectMany((layer, i) =>
                Layer(FormattableString.Invariant($"{prefix}encoder.layer.{i}"), layer, encoder.Config.HiddenSize, drawn)),
            new($"{prefix}encoder.relative_attention_bias.weight", encoder.RelativePositions.Rows, drawn),
            .. encoder.Pooler?.Weights($"{prefix}{Pooler}dense", drawn) ?? [],
        ];
    }

    private static IEnumerable<ModelWeight> Layer(string name, BertLayer layer, long width, WeightFill drawn) =>
    [
        .. layer.QueryKeyValue.Parts(drawn, width, $"{name}.attention.attn.q", $"{name}.attention.attn.k", $"{name}.attention.attn.v"),
        .. layer.AttentionOutput.Weights($"{name}.attention.attn.o", drawn),
        .. layer.AttentionNorm.Weights($"{name}.attention.LayerNorm"),
        .. layer.Inner.Weights($"{name}.intermediate.dense", drawn),
        .. layer.Output.Weights($"{name}.output.dense", drawn),
        .. layer.OutputNorm.Weights($"{name}.output.LayerNorm"),
    ];
}
