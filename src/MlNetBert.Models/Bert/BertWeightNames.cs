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
        return
        [
            new($"{prefix}embeddings.word_embeddings.weight", embeddings.Words.Rows, drawn with { ZeroRow = config.PadTokenId }),
            new($"{prefix}embeddings.position_embeddings.weight", embeddings.Positions.Rows, drawn),
            new($"{prefix}embeddings.token_type_embeddings.weight", embeddings.Types.Rows, drawn),
            .. embeddings.Norm.Weights($"{prefix}embeddings.LayerNorm"),
            .. encoder.Layers.SelectMany((layer, i) =>
                Layer(FormattableString.Invariant($"{prefix}encoder.layer.{i}"), layer, config, drawn)),
            .. encoder.Pooler?.Weights($"{prefix}{Pooler}dense", drawn) ?? [],
        ];
    }

    public static IEnumerable<ModelWeight> PredictionHead(BertPredictionHead head, BertConfig config)
    {
        var drawn = Drawn(config);
        return
        [
            new("cls.predictions.bias", head.Bias, WeightFill.Zero),
            .. head.Transform.Weights("cls.predictions.transform.dense", drawn),
            .. head.Norm.Weights("cls.predictions.transform.LayerNorm"),
            .. head.Decoder is { } decoder ? [new(DecoderWeight, decoder, drawn)] : Array.Empty<ModelWeight>(),
        ];
    }

    private static IEnumerable<ModelWeight> Layer(string name, BertLayer layer, BertConfig config, WeightFill drawn) =>
    [
        .. layer.QueryKeyValue.Parts(
            drawn, config.HiddenSize, $"{name}.attention.self.query", $"{name}.attention.self.key", $"{name}.attention.self.value"),
        .. layer.AttentionOutput.Weights($"{name}.attention.output.dense", drawn),
        .. layer.AttentionNorm.Weights($"{name}.attention.output.LayerNorm"),
        .. layer.Inner.Weights($"{name}.intermediate.dense", drawn),
        .. layer.Output.Weights($"{name}.output.dense", drawn),
        .. layer.OutputNorm.Weights($"{name}.output.LayerNorm"),
    ];
}
