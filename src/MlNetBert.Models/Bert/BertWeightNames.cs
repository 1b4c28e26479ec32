using System.Collections.Frozen;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Bert;

/// <summary>The one table of Hugging Face's names for BERT's weights, with what each weight starts with.</summary>
internal static class BertWeightNames
{
    /// <summary>What stands before the encoder's names in a model with a head.</summary>
    public const string Prefix = "bert.";

    private const string DecoderWeight = "cls.predictions.decoder.weight";

    private static readonly FrozenDictionary<string, string> NoOthers = FrozenDictionary<string, string>.Empty;

    private static readonly FrozenDictionary<string, string> HeadOthers =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["cls.predictions.decoder.bias"] = "cls.predictions.bias" }
            .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Of a model of a configuration.</summary>
    /// <param name="module">The model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public static WeightAliases Aliases(LanguageModelModule module, bool decodes = false) => new(
        Prefix,
        decodes ? HeadOthers : NoOthers,
        ["embeddings.position_ids"],
        module.Config.TieWordEmbeddings ? DecoderWeight : null,
        module.BackbonePrefix + "embeddings.word_embeddings.weight",
        decodes,
        ["classifier.", "qa_outputs."]);

    public static IEnumerable<ModelWeight> Encoder(BertEncoder encoder, string prefix)
    {
        var config = (BertConfig)encoder.Config;
        var drawn = new WeightFill(WeightFillKind.Normal, config.InitializerRange);
        var embeddings = encoder.Embeddings;
        yield return new($"{prefix}embeddings.word_embeddings.weight", embeddings.Words.Rows, drawn with { ZeroRow = config.PadTokenId });
        yield return new($"{prefix}embeddings.position_embeddings.weight", embeddings.Positions.Rows, drawn);
        yield return new($"{prefix}embeddings.token_type_embeddings.weight", embeddings.Types.Rows, drawn);
        foreach (var weight in Norm($"{prefix}embeddings.LayerNorm", embeddings.Norm))
            yield return weight;
        for (var i = 0; i < encoder.Layers.Count; i++)
        {
            foreach (var weight in
                Layer($"{prefix}encoder.layer.{i.ToString(System.Globalization.CultureInfo.InvariantCulture)}", encoder.Layers[i], config,
                    drawn))
                yield return weight;
        }

        if (encoder.Pooler is { } pooler)
        {
            foreach (var weight in Dense($"{prefix}pooler.dense", pooler, drawn))
                yield return weight;
        }
    }

    public static IEnumerable<ModelWeight> PredictionHead(BertPredictionHead head, BertConfig config)
    {
        var drawn = new WeightFill(WeightFillKind.Normal, config.InitializerRange);
        yield return new("cls.predictions.bias", head.Bias, WeightFill.Zero);
        foreach (var weight in Dense("cls.predictions.transform.dense", head.Transform, drawn))
            yield return weight;
        foreach (var weight in Norm("cls.predictions.transform.LayerNorm", head.Norm))
            yield return weight;
        if (head.Decoder is { } decoder)
            yield return new(DecoderWeight, decoder, drawn);
    }

    public static IEnumerable<ModelWeight> WithClassifier(ModelWithHead model, string name, Dense classifier) =>
        Encoder((BertEncoder)model.Backbone, Prefix).Concat(
            Dense(name, classifier, new WeightFill(WeightFillKind.Normal, model.Config.InitializerRange)));

    public static IEnumerable<ModelWeight> Dense(string name, Dense layer, WeightFill fill)
    {
        yield return new($"{name}.weight", layer.Matrix, fill);
        if (layer.Offset is { } offset)
            yield return new($"{name}.bias", offset, WeightFill.Zero);
    }

    private static IEnumerable<ModelWeight> Layer(string name, BertLayer layer, BertConfig config, WeightFill drawn)
    {
        // Query, key and value are one matrix here and three there.
        long width = config.HiddenSize;
        foreach (var (part, first) in new[] { ("query", 0L), ("key", width), ("value", 2 * width) })
        {
            yield return new($"{name}.attention.self.{part}.weight", layer.QueryKeyValue.Matrix, drawn, first, width);
            yield return new($"{name}.attention.self.{part}.bias", layer.QueryKeyValue.Offset!, WeightFill.Zero, first, width);
        }

        IEnumerable<ModelWeight>[] rest =
        [
            Dense($"{name}.attention.output.dense", layer.AttentionOutput, drawn),
            Norm($"{name}.attention.output.LayerNorm", layer.AttentionNorm),
            Dense($"{name}.intermediate.dense", layer.Inner, drawn),
            Dense($"{name}.output.dense", layer.Output, drawn),
            Norm($"{name}.output.LayerNorm", layer.OutputNorm),
        ];
        foreach (var weight in rest.SelectMany(weights => weights))
            yield return weight;
    }

    private static IEnumerable<ModelWeight> Norm(string name, Norm norm)
    {
        yield return new($"{name}.weight", norm.Scale, WeightFill.One);
        if (norm.Offset is { } offset)
            yield return new($"{name}.bias", offset, WeightFill.Zero);
    }
}
