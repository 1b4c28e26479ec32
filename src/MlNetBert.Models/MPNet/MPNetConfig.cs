using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.MPNet;

/// <summary>The configuration of an MPNet model (Song et al. 2020, arXiv:2004.09297).</summary>
[Experimental("MLNETBERT001")]
public sealed record MPNetConfig : ModelConfig
{
    /// <summary>
    /// The row of both embedding tables that is the padding token's, whatever <c>pad_token_id</c> says: positions are counted from behind
    /// it, and look-ups of it take no gradient, as in transformers.
    /// </summary>
    internal const int PaddingRow = 1;

    /// <summary>Distances are told apart in this number of buckets, whatever <c>relative_attention_num_buckets</c> says, as in
    /// transformers.</summary>
    internal const int Buckets = 32;

    /// <summary>What is added to scores by distance.</summary>
    internal static RelativeBias DistanceBias { get; } = new(Buckets, FarthestTold: 128, IsBothWays: true);

    /// <inheritdoc/>
    public override string ModelType => "mpnet";

    /// <summary>
    /// The rows of the table of positions (<c>max_position_embeddings</c>): two more than the longest sequence has tokens.
    /// </summary>
    public required int MaxPositions { get; init; }

    /// <inheritdoc/>
    public override int? MaxLength => MaxPositions - PaddingRow - 1;

    /// <inheritdoc/>
    /// <value>Default: 1e-12 (<c>layer_norm_eps</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>
    /// The rows of the table of relative positions (<c>relative_attention_num_buckets</c>), at least 32, of which 32 are looked up.
    /// </summary>
    /// <value>Default: 32.</value>
    public int RelativePositions { get; init; } = Buckets;

    /// <summary>
    /// The probability of dropout after the embeddings, attention and feed-forward layers and in classifiers, in [0, 1)
    /// (<c>hidden_dropout_prob</c>).
    /// </summary>
    /// <value>Default: 0.1.</value>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>The probability of dropout of attention weights, in [0, 1) (<c>attention_probs_dropout_prob</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>The id of the token a sequence starts with (<c>bos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: null.</value>
    public int? ClassificationTokenId { get; init; }

    /// <summary>The id of the token a sequence ends with (<c>eos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: null.</value>
    public int? SeparatorTokenId { get; init; }

    internal override int? FixedPaddingToken => PaddingRow;

    /// <summary>The numbers of a layer.</summary>
    internal BertLayerShape LayerShape =>
        new(HiddenSize, HeadCount, IntermediateSize, Activation, LayerNormEpsilon, HiddenDropout, AttentionDropout);

    /// <summary>The numbers of the embeddings.</summary>
    internal EmbeddingShape EmbeddingShape =>
        new(VocabularySize, HiddenSize, MaxPositions, TokenTypes: 0, PaddingRow, LayerNormEpsilon, HiddenDropout)
        {
            CountsBehindPadding = true,
        };

    /// <summary>Reads what is this architecture's own.</summary>
    internal static MPNetConfig Parse(ConfigReader reader) => new()
    {
        VocabularySize = reader.Required("vocab_size"),
        HiddenSize = reader.Required("hidden_size"),
        LayerCount = reader.Layers("num_hidden_layers"),
        HeadCount = reader.Required("num_attention_heads"),
        IntermediateSize = reader.Required("intermediate_size"),
        MaxPositions = reader.Required("max_position_embeddings"),
        RelativePositions = reader.Integer("relative_attention_num_buckets", Buckets),
        PadTokenId = reader.TokenId("pad_token_id", 1),
        ClassificationTokenId = reader.TokenId("bos_token_id", 0),
        SeparatorTokenId = reader.TokenId("eos_token_id", 2),
        Activation = reader.Activation("hidden_act"),
        LayerNormEpsilon = reader.Real("layer_norm_eps", 1e-12),
        HiddenDropout = reader.Probability("hidden_dropout_prob", 0.1),
        AttentionDropout = reader.Probability("attention_probs_dropout_prob", 0.1),
    };

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) =>
        this with { HiddenDropout = probability, AttentionDropout = probability };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => ((MPNetConfig)base.ToSkeleton()) with { MaxPositions = PaddingRow + 2 };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (MaxPositions <= PaddingRow + 1)
            yield return $"max_position_embeddings must be at least {PaddingRow + 2}, because positions begin at {PaddingRow + 1}, found "
                + $"{MaxPositions}.";
        if (VocabularySize <= PaddingRow)
            yield return $"vocab_size must be at least {PaddingRow + 1}, because MPNet's padding token is {PaddingRow}, found "
                + $"{VocabularySize}.";
        if (RelativePositions is < Buckets or > 1 << 20)
            yield return $"relative_attention_num_buckets must be at least {Buckets}, which distances are told apart in whatever it says, "
                + $"and at most {1 << 20}, found {RelativePositions}.";
        foreach (var fault in DropoutFaults(("hidden_dropout_prob", HiddenDropout), ("attention_probs_dropout_prob", AttentionDropout)))
            yield return fault;
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in CommonKeys())
            yield return entry;
        yield return new("max_position_embeddings", MaxPositions);
        yield return new("relative_attention_num_buckets", RelativePositions, IsImplied: RelativePositions == Buckets);
        yield return ConfigEntry.Activation("hidden_act", Activation);
        yield return ConfigEntry.Real("layer_norm_eps", LayerNormEpsilon);
        yield return ConfigEntry.Real("hidden_dropout_prob", HiddenDropout);
        yield return ConfigEntry.Real("attention_probs_dropout_prob", AttentionDropout);
        yield return new("bos_token_id", ClassificationTokenId, IsImplied: ClassificationTokenId == 0);
        yield return new("eos_token_id", SeparatorTokenId, IsImplied: SeparatorTokenId == 2);
    }
}
