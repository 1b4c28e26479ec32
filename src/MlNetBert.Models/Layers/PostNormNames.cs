using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.Layers;

/// <summary>
/// What Hugging Face calls the weights of a <see cref="PostNormEncoder"/>, and of other encoders with BERT's layers. The defaults are
/// BERT's.
/// </summary>
internal sealed record PostNormNames
{
    /// <summary>The word embeddings.</summary>
    public const string Words = "embeddings.word_embeddings.weight";

    /// <summary>What stands before the encoder's names in a model with a head.</summary>
    public required string Prefix { get; init; }

    /// <summary>Of the head over the vocabulary.</summary>
    public required PredictionHeadNames Predictions { get; init; }

    /// <summary>The name of a layer by its number.</summary>
    public Func<PostNormConfig, int, string> LayerName { get; init; } = (_, index) => FormattableString.Invariant($"encoder.layer.{index}");

    /// <summary>Of a layer's parts.</summary>
    public BertLayerNames Layer { get; init; } = new();

    /// <summary>The layer between embeddings and a wider or narrower first layer.</summary>
    public string Projection { get; init; } = "embeddings_project";

    /// <summary>The pooler's dense layer.</summary>
    public string Pooler { get; init; } = "pooler.dense";

    /// <summary>Ends of names, and what they are called in older files: those that were converted from TensorFlow.</summary>
    public IReadOnlyDictionary<string, string> OlderEnds { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["LayerNorm.weight"] = "LayerNorm.gamma",
        ["LayerNorm.bias"] = "LayerNorm.beta",
    };

    /// <summary>Beginnings of the names of weights whose rows are those of labels.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = ["classifier.weight", "classifier.bias", "classifier.out_proj.", "qa_outputs."];

    /// <summary>What a matrix starts with.</summary>
    public static WeightFill Drawn(ModelConfig config) => new(WeightFillKind.Normal, config.InitializerRange);

    /// <summary>The encoder's weights.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="prefix">What precedes its names in the model.</param>
    public IEnumerable<ModelWeight> WeightsOf(PostNormEncoder encoder, PostNormConfig config, string prefix)
    {
        var drawn = Drawn(config);
        return
        [
            .. WeightsOf(encoder.Embeddings, drawn, config.PositionFill, prefix),
            .. encoder.Projection?.Weights(prefix + Projection, drawn) ?? [],
            .. encoder.DistinctLayers.SelectMany((layer, i) => Layer.WeightsOf(prefix + LayerName(config, i), layer, drawn)),
            .. encoder.Pooler?.Weights(prefix + Pooler, drawn) ?? [],
        ];
    }

    /// <summary>The weights of embeddings.</summary>
    /// <param name="embeddings">The embeddings.</param>
    /// <param name="drawn">What matrices start with.</param>
    /// <param name="places">What the table of positions starts with.</param>
    /// <param name="prefix">What precedes the encoder's names in the model.</param>
    public static IEnumerable<ModelWeight> WeightsOf(BertEmbeddings embeddings, WeightFill drawn, WeightFill places, string prefix) =>
    [
        new(prefix + Words, embeddings.Words.Rows, drawn with { ZeroRow = embeddings.Words.Padding }),
        new($"{prefix}embeddings.position_embeddings.weight", embeddings.Positions.Rows,
            places with { ZeroRow = embeddings.Positions.Padding }),
        .. embeddings.Types is { } types
            ? [new($"{prefix}embeddings.token_type_embeddings.weight", types.Rows, drawn)] : Array.Empty<ModelWeight>(),
        .. embeddings.Norm.Weights($"{prefix}embeddings.LayerNorm"),
    ];

    /// <summary>Other names of the weights of a model.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What precedes the encoder's names in the model.</param>
    /// <param name="decodes">Whether it has the masked-LM head.</param>
    public WeightAliases Aliases(ModelConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Others = decodes ? Predictions.OthersOf(config) : new Dictionary<string, string>(StringComparer.Ordinal),
        OlderEnds = OlderEnds,
        Ignored = ["embeddings.position_ids"],
        Tied = Predictions.TiedOf(config, prefix + Words, decodes),
        Outputs = Outputs,
    };
}
