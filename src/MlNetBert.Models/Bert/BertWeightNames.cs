using System.Collections.Frozen;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Bert;

/// <summary>The one table of Hugging Face's names for BERT's weights, with what each weight starts with.</summary>
internal static class BertWeightNames
{
    /// <summary>What stands before the encoder's names in a model with a head.</summary>
    public const string Prefix = "bert.";

    /// <summary>Where the pooler's names begin.</summary>
    public const string Pooler = "pooler.";

    private const string DecoderWeight = "cls.predictions.decoder.weight";

    private static readonly FrozenDictionary<string, string> HeadOthers =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["cls.predictions.decoder.bias"] = "cls.predictions.bias" }
            .ToFrozenDictionary(StringComparer.Ordinal);

    // Files converted from TensorFlow.
    private static readonly FrozenDictionary<string, string> OlderEnds =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LayerNorm.weight"] = "LayerNorm.gamma",
            ["LayerNorm.bias"] = "LayerNorm.beta",
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Of a model of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What precedes the encoder's names in the model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public static WeightAliases Aliases(ModelConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Others = decodes ? HeadOthers : FrozenDictionary<string, string>.Empty,
        OlderEnds = OlderEnds,
        Ignored = ["embeddings.position_ids"],
        Tied = config.TieWordEmbeddings ? [new(DecoderWeight, prefix + "embeddings.word_embeddings.weight", decodes)] : [],
        Outputs = ["classifier.", "qa_outputs."],
    };

    /// <summary>What a matrix starts with.</summary>
    public static WeightFill Drawn(ModelConfig config) => new(WeightFillKind.Normal, config.InitializerRange);

    public static IEnumerable<ModelWeight> Encoder(BertEncoder encoder, string prefix)
    {
        var config = (BertConfig)encoder.Config;
        var drawn = Drawn(config);
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
            foreach (var weight in Dense($"{prefix}{Pooler}dense", pooler, drawn))
                yield return weight;
        }
    }

    public static IEnumerable<ModelWeight> PredictionHead(BertPredictionHead head, BertConfig config)
    {
        var drawn = Drawn(config);
        yield return new("cls.predictions.bias", head.Bias, WeightFill.Zero);
        foreach (var weight in Dense("cls.predictions.transform.dense", head.Transform, drawn))
            yield return weight;
        foreach (var weight in Norm("cls.predictions.transform.LayerNorm", head.Norm))
            yield return weight;
        if (head.Decoder is { } decoder)
            yield return new(DecoderWeight, decoder, drawn);
    }

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
