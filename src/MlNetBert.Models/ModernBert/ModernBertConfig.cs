using System.Globalization;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.ModernBert;

/// <summary>The configuration of a ModernBERT model (Warner et al. 2024, arXiv:2412.13663).</summary>
[Experimental("MLNETBERT001")]
public sealed record ModernBertConfig : ModelConfig
{
    /// <inheritdoc/>
    public override string ModelType => "modernbert";

    /// <summary>The positions that there are (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositions { get; init; }

    /// <inheritdoc/>
    public override int? MaxLength => MaxPositions;

    /// <inheritdoc/>
    /// <value>Default: 1e-5 (<c>norm_eps</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>
    /// For each layer, whether it attends to near positions only (<c>layer_types</c>, else <c>global_attn_every_n_layers</c>).
    /// </summary>
    public required IReadOnlyList<bool> LocalLayers { get; init; }

    /// <summary>The window of a local layer: it sees half as many positions to each side (<c>local_attention</c>).</summary>
    /// <value>Default: 128.</value>
    public int LocalWindow { get; init; } = 128;

    /// <summary>The base of the rotary positions of global layers.</summary>
    /// <value>Default: 160,000.</value>
    public double GlobalRopeTheta { get; init; } = 160_000;

    /// <summary>The base of the rotary positions of local layers.</summary>
    /// <value>Default: 10,000.</value>
    public double LocalRopeTheta { get; init; } = 10_000;

    /// <summary>Where the distribution of drawn weights is cut off, in standard deviations (<c>initializer_cutoff_factor</c>).</summary>
    /// <value>Default: 2.</value>
    public double InitializerCutoff { get; init; } = 2;

    /// <summary>Linear layers of attention have biases (<c>attention_bias</c>).</summary>
    /// <value>Default: false.</value>
    public bool AttentionBias { get; init; }

    /// <summary>Linear layers of the feed-forward network have biases (<c>mlp_bias</c>).</summary>
    /// <value>Default: false.</value>
    public bool FeedForwardBias { get; init; }

    /// <summary>Norms have biases (<c>norm_bias</c>).</summary>
    /// <value>Default: false.</value>
    public bool NormBias { get; init; }

    /// <summary>The head's dense layer has a bias (<c>classifier_bias</c>).</summary>
    /// <value>Default: false.</value>
    public bool HeadBias { get; init; }

    /// <summary>The decoder has a bias (<c>decoder_bias</c>).</summary>
    /// <value>Default: true.</value>
    public bool DecoderBias { get; init; } = true;

    /// <summary>The head's activation (<c>classifier_activation</c>).</summary>
    /// <value>Default: <see cref="Models.Activation.Gelu"/>.</value>
    public Activation HeadActivation { get; init; } = Activation.Gelu;

    /// <summary>How a sequence classifier pools: by the first position or the mean (<c>classifier_pooling</c>).</summary>
    /// <value>Default: <see cref="SequencePooling.First"/>.</value>
    public SequencePooling Pooling { get; init; } = SequencePooling.First;

    /// <summary>The probability of dropout after the embeddings, in [0, 1) (<c>embedding_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double EmbeddingDropout { get; init; }

    /// <summary>The probability of dropout of attention weights and after attention, in [0, 1) (<c>attention_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double AttentionDropout { get; init; }

    /// <summary>The probability of dropout inside the feed-forward network, in [0, 1) (<c>mlp_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double FeedForwardDropout { get; init; }

    /// <summary>The probability of dropout before a classifier, in [0, 1) (<c>classifier_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double ClassifierDropout { get; init; }

    /// <summary>
    /// The id of the token a sequence starts with (<c>cls_token_id</c>, <c>bos_token_id</c>); null where none is recorded.
    /// </summary>
    public int? ClassificationTokenId { get; init; }

    /// <summary>The id of the token a sequence ends with (<c>sep_token_id</c>, <c>eos_token_id</c>); null where none is recorded.</summary>
    public int? SeparatorTokenId { get; init; }

    /// <summary>Reads what is this architecture's own.</summary>
    internal static ModernBertConfig Parse(ConfigReader reader)
    {
        var layers = reader.Layers("num_hidden_layers");
        var rotary = ModernBertKeys.ReadRotary(reader);
        return new ModernBertConfig
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = reader.Required("hidden_size"),
            LayerCount = layers,
            HeadCount = reader.Required("num_attention_heads"),
            IntermediateSize = reader.Required("intermediate_size"),
            MaxPositions = reader.Integer("max_position_embeddings", 8192),
            LocalLayers = ModernBertKeys.ReadLayers(reader, layers),
            LocalWindow = reader.Integer("local_attention", 128),
            GlobalRopeTheta = rotary.Global,
            LocalRopeTheta = rotary.Local,
            PadTokenId = reader.TokenId("pad_token_id", 50283),
            ClassificationTokenId = reader.TokenId("cls_token_id") ?? reader.TokenId("bos_token_id"),
            SeparatorTokenId = reader.TokenId("sep_token_id") ?? reader.TokenId("eos_token_id"),
            Activation = reader.Activation("hidden_activation"),
            HeadActivation = reader.Activation("classifier_activation"),
            InitializerCutoff = reader.Real("initializer_cutoff_factor", 2),
            LayerNormEpsilon = reader.Real("norm_eps", 1e-5),
            NormBias = reader.Boolean("norm_bias", fallback: false),
            AttentionBias = reader.Boolean("attention_bias", fallback: false),
            FeedForwardBias = reader.Boolean("mlp_bias", fallback: false),
            HeadBias = reader.Boolean("classifier_bias", fallback: false),
            DecoderBias = reader.Boolean("decoder_bias", fallback: true),
            Pooling = ModernBertKeys.ReadPooling(reader),
            EmbeddingDropout = reader.Probability("embedding_dropout", 0),
            AttentionDropout = reader.Probability("attention_dropout", 0),
            FeedForwardDropout = reader.Probability("mlp_dropout", 0),
            ClassifierDropout = reader.Probability("classifier_dropout", 0),
        };
    }

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) =>
        this with
        {
            EmbeddingDropout = probability,
            AttentionDropout = probability,
            FeedForwardDropout = probability,
            ClassifierDropout = probability,
        };

    /// <inheritdoc/>
    public override ModelConfig? WithMeanPooling(bool mean) =>
        this with { Pooling = mean ? SequencePooling.Mean : SequencePooling.First };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => ((ModernBertConfig)base.ToSkeleton()) with { MaxPositions = 1 };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (LocalLayers.Count != LayerCount)
            yield return $"layer_types must name {LayerCount} layers (num_hidden_layers), found {LocalLayers.Count}.";
        if (LocalWindow < 2)
            yield return $"local_attention must be at least 2, found {LocalWindow}.";
        if (HeadCount > 0 && HiddenSize / HeadCount % 2 != 0)
            yield return $"hidden_size / num_attention_heads must be even for rotary positions, found {HiddenSize} / {HeadCount}.";
        if (GlobalRopeTheta is not (> 0 and < double.PositiveInfinity) || LocalRopeTheta is not (> 0 and < double.PositiveInfinity))
            yield return string.Create(CultureInfo.InvariantCulture,
                $"rope_theta must be positive, found {GlobalRopeTheta} and {LocalRopeTheta}.");
        if (InitializerCutoff is not (> 0 and < double.PositiveInfinity))
            yield return string.Create(CultureInfo.InvariantCulture,
                $"initializer_cutoff_factor must be positive, found {InitializerCutoff}.");
        foreach (var fault in DropoutFaults(("embedding_dropout", EmbeddingDropout), ("attention_dropout", AttentionDropout),
            ("mlp_dropout", FeedForwardDropout), ("classifier_dropout", ClassifierDropout)))
            yield return fault;
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys() => CommonKeys().Concat(ModernBertKeys.Write(this));
}
