using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.DebertaV2;

/// <summary>The configuration of a DeBERTa-v2 or DeBERTa-v3 model (He et al. 2020, arXiv:2006.03654; 2021, arXiv:2111.09543).</summary>
[Experimental("MLNETBERT001")]
public sealed record DebertaV2Config : ModelConfig
{
    /// <inheritdoc/>
    public override string ModelType => "deberta-v2";

    /// <summary>The longest sequence that the model was made for (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositions { get; init; }

    /// <summary>
    /// The longest sequence in tokens: <see cref="MaxPositions"/>, although distances alone would let longer ones through.
    /// </summary>
    public override int? MaxLength => MaxPositions;

    /// <inheritdoc/>
    /// <value>Default: 1e-7 (<c>layer_norm_eps</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-7;

    /// <summary>The number of segments that token type ids tell apart; 0 for none (<c>type_vocab_size</c>).</summary>
    /// <value>Default: 0.</value>
    public int TokenTypes { get; init; }

    /// <inheritdoc/>
    public override int TokenTypeCount => TokenTypes;

    /// <summary>A learned position is added to each word (<c>position_biased_input</c>).</summary>
    /// <value>Default: true, as transformers has it; models made here have none.</value>
    public bool AddsPositions { get; init; } = true;

    /// <summary>Attention knows distances (<c>relative_attention</c>).</summary>
    /// <value>Default: false, as transformers has it; models made here have them.</value>
    public bool KnowsDistances { get; init; }

    /// <summary>
    /// What attention does with distances: <c>c2p</c>, queries attend to them, and <c>p2c</c>, keys are attended to by them
    /// (<c>pos_att_type</c>).
    /// </summary>
    /// <value>Default: empty, as transformers has it; models made here have both.</value>
    public IReadOnlyList<string> DistanceTerms { get; init; } = [];

    /// <summary>
    /// The farthest distance that is told apart; below 1 takes <see cref="MaxPositions"/> (<c>max_relative_positions</c>).
    /// </summary>
    /// <value>Default: −1.</value>
    public int MaxDistance { get; init; } = -1;

    /// <summary>
    /// How many rows distances to a side have: near ones one each, far ones by their logarithm; below 1 gives each distance its own
    /// (<c>position_buckets</c>).
    /// </summary>
    /// <value>Default: −1.</value>
    public int DistanceBuckets { get; init; } = -1;

    /// <summary>Distances go through the projections of queries and keys and have none of their own (<c>share_att_key</c>).</summary>
    /// <value>Default: false, as transformers has it; models made here share them.</value>
    public bool SharesProjections { get; init; }

    /// <summary>The table of distances is normalized (<c>layer_norm</c> in <c>norm_rel_ebd</c>).</summary>
    /// <value>Default: false, as transformers has it; models made here do.</value>
    public bool NormalizesDistances { get; init; }

    /// <summary>The width of the convolution beside the first layer, an odd number; 0 for none (<c>conv_kernel_size</c>).</summary>
    /// <value>Default: 0.</value>
    public int ConvolutionWidth { get; init; }

    /// <summary>The groups of the convolution, a divisor of the hidden size (<c>conv_groups</c>).</summary>
    /// <value>Default: 1.</value>
    public int ConvolutionGroups { get; init; } = 1;

    /// <summary>The convolution's activation (<c>conv_act</c>).</summary>
    /// <value>Default: <see cref="Models.Activation.Tanh"/>.</value>
    public Activation ConvolutionActivation { get; init; } = Activation.Tanh;

    /// <summary>
    /// The masked-LM head has the names of transformers' first version, which are BERT's; otherwise those of the published checkpoints
    /// (<c>legacy</c>).
    /// </summary>
    /// <value>Default: true.</value>
    public bool HasLegacyHead { get; init; } = true;

    /// <summary>
    /// The probability of dropout after the embeddings, attention and feed-forward layers and of distances, in [0, 1)
    /// (<c>hidden_dropout_prob</c>).
    /// </summary>
    /// <value>Default: 0.1.</value>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>The probability of dropout of attention weights, in [0, 1) (<c>attention_probs_dropout_prob</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>
    /// The probability of dropout before a sequence classifier, in [0, 1); null takes <see cref="HiddenDropout"/> (<c>cls_dropout</c>).
    /// </summary>
    /// <value>Default: null.</value>
    public double? ClassifierDropout { get; init; }

    /// <summary>The probability of dropout before a sequence classifier's dense layer, in [0, 1) (<c>pooler_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double PoolerDropout { get; init; }

    /// <summary>The activation of that dense layer (<c>pooler_hidden_act</c>).</summary>
    /// <value>Default: <see cref="Models.Activation.Gelu"/>.</value>
    public Activation PoolerActivation { get; init; } = Activation.Gelu;

    internal bool ContentToPosition => DistanceTerms.Contains(DebertaV2Keys.ToPosition, StringComparer.Ordinal);

    internal bool PositionToContent => DistanceTerms.Contains(DebertaV2Keys.ToContent, StringComparer.Ordinal);

    /// <summary>How many scores with distances <see cref="DistanceTerms"/> adds to that of query and key.</summary>
    internal int DistanceScores => (ContentToPosition ? 1 : 0) + (PositionToContent ? 1 : 0);

    /// <summary>The farthest distance that is told apart.</summary>
    internal int FarthestDistance => MaxDistance < 1 ? MaxPositions : MaxDistance;

    /// <summary>Rows of the table of distances to a side.</summary>
    internal int DistanceSpan => DistanceBuckets > 0 ? DistanceBuckets : FarthestDistance;

    /// <summary>The numbers of a layer.</summary>
    internal BertLayerShape LayerShape =>
        new(HiddenSize, HeadCount, IntermediateSize, Activation, LayerNormEpsilon, HiddenDropout, AttentionDropout);

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) =>
        this with
        {
            HiddenDropout = probability,
            AttentionDropout = probability,
            ClassifierDropout = ClassifierDropout is null ? null : probability,
            PoolerDropout = probability,
        };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => (DebertaV2Config)base.ToSkeleton() with
    {
        MaxPositions = 1,
        MaxDistance = -1,
        DistanceBuckets = -1,
        ConvolutionWidth = Math.Min(1, ConvolutionWidth),
        ConvolutionGroups = 1,
        TokenTypes = Math.Min(1, TokenTypes),
    };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        foreach (var (key, value, limit) in new[]
        {
            ("type_vocab_size", TokenTypes, 1 << 20), ("max_relative_positions", Math.Max(0, MaxDistance), 1 << 20),
            ("position_buckets", Math.Max(0, DistanceBuckets), 1 << 20), ("conv_kernel_size", ConvolutionWidth, 1 << 10),
        })
        {
            if (value < 0 || value > limit)
                yield return $"{key} must be at most {limit} and not negative, found {value}.";
        }

        if (DistanceTerms.FirstOrDefault(term => term is not (DebertaV2Keys.ToPosition or DebertaV2Keys.ToContent)) is { } other)
            yield return $"pos_att_type must name {DebertaV2Keys.ToPosition} and {DebertaV2Keys.ToContent} at most, found {other}.";

        // The logarithm of a distance in the unit of the buckets' half is divided by that of the farthest distance.
        var half = DistanceBuckets / 2;
        if (DistanceBuckets == 1 || (DistanceBuckets > 1 && MaxPositions - 1 > half && FarthestDistance - 1 <= half))
            yield return "position_buckets must be at least 2 and below twice max_relative_positions (max_position_embeddings where that "
                + $"is below 1), found {DistanceBuckets} and {FarthestDistance}.";
        if (ConvolutionWidth > 0 && ConvolutionWidth % 2 == 0)
            yield return $"conv_kernel_size must be odd, so that a sequence keeps its length, found {ConvolutionWidth}.";
        if (ConvolutionGroups < 1 || HiddenSize % ConvolutionGroups != 0)
            yield return $"conv_groups must divide hidden_size, found {ConvolutionGroups} and {HiddenSize}.";
        foreach (var fault in DropoutFaults(("hidden_dropout_prob", HiddenDropout), ("attention_probs_dropout_prob", AttentionDropout),
            ("cls_dropout", ClassifierDropout ?? 0), ("pooler_dropout", PoolerDropout)))
            yield return fault;
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys() => CommonKeys().Concat(DebertaV2Keys.Write(this));
}
