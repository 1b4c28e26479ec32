using System.Collections.Frozen;
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
    /// <param name="module">The model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public static WeightAliases Aliases(LanguageModelModule module, bool decodes = false) => new(
        Prefix,
        FrozenDictionary<string, string>.Empty,
        ["rotary_emb.inv_freq"],
        module.Config.TieWordEmbeddings ? DecoderWeight : null,
        module.BackbonePrefix + "embeddings.tok_embeddings.weight",
        decodes,
        ["classifier."]);

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

    public static IEnumerable<ModelWeight> MaskedLanguageModel(ModernBertEncoder encoder, ModernBertHead head, Parameter? decoder,
        Parameter? decoderBias)
    {
        var config = (ModernBertConfig)encoder.Config;
        foreach (var weight in Encoder(encoder, Prefix).Concat(Head(head, config)))
            yield return weight;
        if (decoder is not null)
            yield return new(DecoderWeight, decoder, Out(config));
        if (decoderBias is not null)
            yield return new("decoder.bias", decoderBias, WeightFill.Zero);
    }

    public static IEnumerable<ModelWeight> WithClassifier(ModelWithHead model, ModernBertClassifierHead head)
    {
        var config = (ModernBertConfig)model.Config;
        return Encoder((ModernBertEncoder)model.Backbone, Prefix)
            .Concat(Head(head.Head, config))
            .Concat(Dense("classifier", head.Classifier, Drawn(config, 1 / Math.Sqrt(config.HiddenSize))));
    }

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

    private static IEnumerable<ModelWeight> Head(ModernBertHead head, ModernBertConfig config) =>
        Dense("head.dense", head.Dense, Out(config)).Concat(Norm("head.norm", head.Norm));

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
