using System.Globalization;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
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
        IEnumerable<ModelWeight>[] parts =
        [
            [new($"{prefix}embeddings.tok_embeddings.weight", encoder.Words.Rows, In(config))],
            Norm($"{prefix}embeddings.norm", encoder.EmbeddingNorm),
            .. encoder.Layers.Select((layer, i) => Layer($"{prefix}layers.{i.ToString(CultureInfo.InvariantCulture)}", layer, config)),
            Norm($"{prefix}final_norm", encoder.FinalNorm),
        ];
        return parts.SelectMany(weights => weights);
    }

    public static IEnumerable<ModelWeight> Decoder(Parameter? decoder, Parameter? bias, ModernBertConfig config)
    {
        if (decoder is not null)
            yield return new(DecoderWeight, decoder, Out(config));
        if (bias is not null)
            yield return new("decoder.bias", bias, WeightFill.Zero);
    }

    public static IEnumerable<ModelWeight> Head(ModernBertHead head, ModernBertConfig config) =>
        Dense("head.dense", head.Dense, Out(config)).Concat(Norm("head.norm", head.Norm));

    private static IEnumerable<ModelWeight> Layer(string name, ModernBertLayer layer, ModernBertConfig config)
    {
        IEnumerable<ModelWeight>[] parts =
        [
            layer.AttentionNorm is { } norm ? Norm($"{name}.attn_norm", norm) : [],
            Dense($"{name}.attn.Wqkv", layer.QueryKeyValue, In(config)), Dense($"{name}.attn.Wo", layer.AttentionOutput, Out(config)),
            Norm($"{name}.mlp_norm", layer.FeedForwardNorm),
            Dense($"{name}.mlp.Wi", layer.Inner, In(config)), Dense($"{name}.mlp.Wo", layer.Output, Out(config)),
        ];
        return parts.SelectMany(weights => weights);
    }

    private static WeightFill In(ModernBertConfig config) => Drawn(config, config.InitializerRange);

    private static WeightFill Out(ModernBertConfig config) => Drawn(config, config.InitializerRange / Math.Sqrt(2.0 * config.Layers));

    private static WeightFill Drawn(ModernBertConfig config, double deviation) =>
        new(WeightFillKind.TruncatedNormal, deviation, config.InitializerCutoff);

    private static IEnumerable<ModelWeight> Dense(string name, Dense layer, WeightFill fill)
    {
        yield return new($"{name}.weight", layer.Matrix, fill);
        if (layer.Offset is { } offset)
            yield return new($"{name}.bias", offset, WeightFill.Zero);
    }

    private static IEnumerable<ModelWeight> Norm(string name, Norm norm)
    {
        yield return new($"{name}.weight", norm.Scale, WeightFill.One);
        if (norm.Offset is { } offset)
            yield return new($"{name}.bias", offset, WeightFill.Zero);
    }
}
