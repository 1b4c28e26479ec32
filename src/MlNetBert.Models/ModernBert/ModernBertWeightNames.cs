using MlNetBert.Models.Checkpoints;
using TorchSharp.Modules;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// The one table of Hugging Face's names for ModernBERT's weights, with what each weight starts with: truncated normal distributions whose
/// deviation depends on the layer's place, as Hugging Face's initialisation has it.
/// </summary>
internal static class ModernBertWeightNames
{
    /// <summary>What stands before the encoder's names in a model with a head.</summary>
    public const string Prefix = "model.";

    private const string DecoderWeight = "decoder.weight";

    /// <summary>Of a model of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What precedes the encoder's names in the model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public static WeightAliases Aliases(ModelConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Ignored = ["rotary_emb.inv_freq"],
        Tied = config.TieWordEmbeddings ? [new(DecoderWeight, prefix + "embeddings.tok_embeddings.weight", decodes)] : [],
        Outputs = ["classifier."],
    };

    /// <summary>What a classifier's matrix starts with.</summary>
    public static WeightFill Classifier(ModernBertConfig config) => Drawn(config, 1 / Math.Sqrt(config.HiddenSize));

    public static IEnumerable<ModelWeight> Encoder(ModernBertEncoder encoder, string prefix)
    {
        var config = (ModernBertConfig)encoder.Config;
        return
        [
            new($"{prefix}embeddings.tok_embeddings.weight", encoder.Words.Rows, In(config)),
            .. encoder.EmbeddingNorm.Weights($"{prefix}embeddings.norm"),
            .. encoder.Layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{prefix}layers.{i}"), layer, config)),
            .. encoder.FinalNorm.Weights($"{prefix}final_norm"),
        ];
    }

    public static IEnumerable<ModelWeight> Decoder(Parameter? decoder, Parameter? bias, ModernBertConfig config)
    {
        if (decoder is not null)
            yield return new(DecoderWeight, decoder, Out(config));
        if (bias is not null)
            yield return new("decoder.bias", bias, WeightFill.Zero);
    }

    public static IEnumerable<ModelWeight> Head(ModernBertHead head, ModernBertConfig config) =>
        head.Dense.Weights("head.dense", Out(config)).Concat(head.Norm.Weights("head.norm"));

    private static IEnumerable<ModelWeight> Layer(string name, ModernBertLayer layer, ModernBertConfig config) =>
    [
        .. layer.AttentionNorm?.Weights($"{name}.attn_norm") ?? [],
        .. layer.QueryKeyValue.Weights($"{name}.attn.Wqkv", In(config)),
        .. layer.AttentionOutput.Weights($"{name}.attn.Wo", Out(config)),
        .. layer.FeedForwardNorm.Weights($"{name}.mlp_norm"),
        .. layer.Inner.Weights($"{name}.mlp.Wi", In(config)),
        .. layer.Output.Weights($"{name}.mlp.Wo", Out(config)),
    ];

    private static WeightFill In(ModernBertConfig config) => Drawn(config, config.InitializerRange);

    private static WeightFill Out(ModernBertConfig config) => Drawn(config, config.InitializerRange / Math.Sqrt(2.0 * config.LayerCount));

    private static WeightFill Drawn(ModernBertConfig config, double deviation) =>
        new(WeightFillKind.TruncatedNormal, deviation, config.InitializerCutoff);
}
