using MlNetBert.Models.Checkpoints;

namespace MlNetBert.Models.Llama;

/// <summary>
/// The one table of Hugging Face's names for Llama's and Mistral's weights, with what each weight starts with.
/// </summary>
internal static class LlamaWeightNames
{
    /// <summary>What stands before the decoder's names in a model with a head.</summary>
    public const string Prefix = "model.";

    /// <summary>A classifier's linear layer.</summary>
    public const string Classifier = "score";

    private const string Words = "embed_tokens.weight";

    /// <summary>What matrices start with.</summary>
    public static WeightFill Drawn(LlamaConfig config) => new(WeightFillKind.Normal, config.InitializerRange);

    /// <summary>Of a model of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What precedes the decoder's names in the model.</param>
    /// <param name="decodes">Whether it has the head over the vocabulary.</param>
    public static WeightAliases Aliases(ModelConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Ignored = ["rotary_emb.inv_freq"],
        Tied = config.TieWordEmbeddings ? [new(CausalLanguageModel.DecoderName, prefix + Words, decodes)] : [],
        Outputs = [Classifier + "."],
    };

    public static IEnumerable<ModelWeight> Decoder(LlamaDecoder decoder, LlamaConfig config, string prefix) =>
    [
        new(prefix + Words, decoder.Words.Rows, Drawn(config) with { ZeroRow = config.PadTokenId }),
        .. decoder.Layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{prefix}layers.{i}"), layer, config)),
        .. decoder.FinalNorm.Weights($"{prefix}norm"),
    ];

    private static IEnumerable<ModelWeight> Layer(string name, LlamaLayer layer, LlamaConfig config)
    {
        var (fill, size) = (Drawn(config), config.HeadSize);
        return
        [
            .. layer.QueryKeyValue.Parts(
                fill,
                ($"{name}.self_attn.q_proj", config.HeadCount * size),
                ($"{name}.self_attn.k_proj", config.KeyHeads * size),
                ($"{name}.self_attn.v_proj", config.KeyHeads * size)),
            .. layer.AttentionOutput.Weights($"{name}.self_attn.o_proj", fill),
            .. layer.Inner.Parts(fill, config.IntermediateSize, $"{name}.mlp.gate_proj", $"{name}.mlp.up_proj"),
            .. layer.Output.Weights($"{name}.mlp.down_proj", fill),
            .. layer.AttentionNorm.Weights($"{name}.input_layernorm"),
            .. layer.FeedForwardNorm.Weights($"{name}.post_attention_layernorm"),
        ];
    }
}
