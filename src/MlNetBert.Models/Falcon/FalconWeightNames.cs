using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Falcon;

/// <summary>The one table of Hugging Face's names for Falcon's weights, with what each weight starts with.</summary>
internal static class FalconWeightNames
{
    /// <summary>What stands before the decoder's names in a model with a head.</summary>
    public const string Prefix = "transformer.";

    private const string Words = "word_embeddings.weight";

    /// <summary>Of a model of a configuration.</summary>
    public static WeightAliases Aliases(ModelConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Ignored = ["rotary_emb.inv_freq"],
        Tied = config.TieWordEmbeddings ? [new(CausalLanguageModel.DecoderName, prefix + Words, decodes)] : [],
        Outputs = ["score.", "classifier.", "qa_outputs."],
    };

    public static IEnumerable<ModelWeight> Of(FalconDecoder decoder, FalconConfig config, string prefix)
    {
        var drawn = PostNormNames.Drawn(config);
        return
        [
            new(prefix + Words, decoder.Words.Rows, drawn),
            .. decoder.Layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{prefix}h.{i}"), layer, config, drawn)),
            .. decoder.FinalNorm.Weights($"{prefix}ln_f"),
        ];
    }

    private static IEnumerable<ModelWeight> Layer(string name, FalconLayer layer, FalconConfig config, WeightFill drawn)
    {
        var hasTwoBeside = config.IsParallel && layer.FeedForwardNorm is not null;
        return
        [
            .. layer.AttentionNorm.Weights($"{name}.{(hasTwoBeside ? "ln_attn" : "input_layernorm")}"),
            .. layer.QueryKeyValue.Weights($"{name}.self_attention.query_key_value", drawn),
            .. layer.AttentionOutput.Weights($"{name}.self_attention.dense", drawn),
            .. layer.FeedForwardNorm?.Weights($"{name}.{(hasTwoBeside ? "ln_mlp" : "post_attention_layernorm")}") ?? [],
            .. layer.Inner.Weights($"{name}.mlp.dense_h_to_4h", drawn),
            .. layer.Output.Weights($"{name}.mlp.dense_4h_to_h", drawn),
        ];
    }
}
