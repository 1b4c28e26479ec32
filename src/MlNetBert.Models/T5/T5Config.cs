using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.T5;

/// <summary>The configuration of a T5 model (Raffel et al. 2019, arXiv:1910.10683), of version 1.0 or 1.1.</summary>
[Experimental("MLNETBERT001")]
public sealed record T5Config : SequenceToSequenceConfig
{
    private const string GatedGelu = "gated-gelu";

    /// <summary>Makes a configuration with what files mean that say nothing else.</summary>
    public T5Config() => (Activation, EndTokenIds) = (Activation.Relu, [1]);

    /// <inheritdoc/>
    public override string ModelType => "t5";

    /// <summary>None: T5 knows distances, and has no table of positions.</summary>
    public override int? MaxLength => null;

    /// <inheritdoc/>
    /// <value>Default: 1e-6 (<c>layer_norm_epsilon</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-6;

    /// <summary>The width of one head, which need not be that of hidden states divided by the heads (<c>d_kv</c>).</summary>
    /// <value>Default: 64.</value>
    public int HeadWidth { get; init; } = 64;

    /// <inheritdoc/>
    public override int HeadSize => HeadWidth;

    /// <summary>
    /// Whether what the feed-forward networks' activation gives is multiplied by a second projection, as in version 1.1
    /// (<c>feed_forward_proj</c>: gated-gelu).
    /// </summary>
    /// <value>Default: false.</value>
    public bool IsGated { get; init; }

    /// <summary>
    /// Whether hidden states are multiplied by 1 / √<c>d_model</c> before the head, as in version 1.0, whose head is the embeddings
    /// (<c>scale_decoder_outputs</c>; in files without it, <c>tie_word_embeddings</c>).
    /// </summary>
    /// <value>Default: true.</value>
    public bool ScalesOutputs { get; init; } = true;

    /// <summary>In how many buckets distances are told apart (<c>relative_attention_num_buckets</c>).</summary>
    /// <value>Default: 32.</value>
    public int DistanceBuckets { get; init; } = 32;

    /// <summary>The distance from which on all are in one bucket (<c>relative_attention_max_distance</c>).</summary>
    /// <value>Default: 128.</value>
    public int FarthestDistance { get; init; } = 128;

    /// <summary>
    /// The probability of dropout of embeddings, attention weights, activations, updates and last hidden states, in [0, 1)
    /// (<c>dropout_rate</c>).
    /// </summary>
    /// <value>Default: 0.1.</value>
    public double Dropout { get; init; } = 0.1;

    /// <summary>The probability of dropout in classifiers, which are not built (<c>classifier_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double ClassifierDropout { get; init; }

    /// <summary>What the standard deviations of freshly drawn weights are multiplied by (<c>initializer_factor</c>).</summary>
    /// <value>Default: 1.</value>
    public double InitializerFactor { get; init; } = 1;

    /// <inheritdoc/>
    protected internal override ConfigKeys Keys => new()
    {
        HiddenSize = "d_model",
        Layers = "num_layers",
        Heads = "num_heads",
        InnerSize = "d_ff",
        Positions = null,
    };

    internal override string DecoderLayersKey => "num_decoder_layers";

    internal override bool DividesIntoHeads => false;

    /// <inheritdoc/>
    protected internal override int CacheWidth => HeadCount * HeadWidth;

    /// <summary>What is added to scores by distance in a stack.</summary>
    internal RelativeBias DistanceBias(bool isDecoder) => new(DistanceBuckets, FarthestDistance, IsBothWays: !isDecoder);

    /// <summary>Reads what is this architecture's own. Fallbacks are transformers'.</summary>
    internal static T5Config Parse(ConfigReader reader)
    {
        var layers = reader.Layers("num_layers");
        var padding = reader.TokenId("pad_token_id", 0);
        var (activation, isGated) = FeedForward(reader);
        return new T5Config
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = reader.Required("d_model"),
            LayerCount = layers,
            DecoderLayerCount = reader.Has("num_decoder_layers") ? reader.Layers("num_decoder_layers") : layers,
            HeadCount = reader.Required("num_heads"),
            HeadWidth = reader.Required("d_kv"),
            IntermediateSize = reader.Required("d_ff"),
            Activation = activation,
            IsGated = isGated,
            ScalesOutputs = reader.Boolean("scale_decoder_outputs", reader.Boolean("tie_word_embeddings", fallback: true)),
            DistanceBuckets = reader.Integer("relative_attention_num_buckets", 32),
            FarthestDistance = reader.Integer("relative_attention_max_distance", 128),
            Dropout = reader.Probability("dropout_rate", 0.1),
            ClassifierDropout = reader.Probability("classifier_dropout", 0),
            LayerNormEpsilon = reader.Real("layer_norm_epsilon", 1e-6),
            InitializerFactor = reader.Real("initializer_factor", 1),
            PadTokenId = padding,
            EndTokenIds = reader.TokenIds("eos_token_id", 1),
            DecoderStartTokenId = reader.TokenId("decoder_start_token_id") ?? padding,
        };
    }

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) => this with { Dropout = probability, ClassifierDropout = probability };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (HeadWidth is <= 0 or > 1 << 18)
            yield return $"d_kv must be positive and at most {1 << 18}, found {HeadWidth}.";
        if (DistanceBuckets is < 4 or > 1 << 20 || DistanceBuckets % 2 != 0)
            yield return $"relative_attention_num_buckets must be even, at least 4 and at most {1 << 20}, found {DistanceBuckets}.";
        else if (FarthestDistance <= DistanceBuckets / 2)
            yield return $"relative_attention_max_distance must be above half of relative_attention_num_buckets {DistanceBuckets}, found "
                + $"{FarthestDistance}.";
        if (IsGated && Activation == Activation.Gelu)
            yield return $"feed_forward_proj has no name for a gated {Activation}: {GatedGelu} is {Activation.GeluTanh}.";
        if (InitializerFactor is not (>= 0 and < double.PositiveInfinity))
            yield return FormattableString.Invariant($"initializer_factor must be zero or more, found {InitializerFactor}.");
        foreach (var fault in DropoutFaults(("dropout_rate", Dropout), ("classifier_dropout", ClassifierDropout)))
            yield return fault;
    }

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => (T5Config)base.ToSkeleton() with { HeadWidth = 1 };

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in CommonKeys().Where(entry => entry.Key != Keys.InitializerRange).Concat(DecodingKeys([1])))
            yield return entry;
        yield return new("d_kv", HeadWidth);
        yield return new(DecoderLayersKey, DecoderLayerCount, IsImplied: DecoderLayerCount == LayerCount);
        yield return new("feed_forward_proj", FeedForwardName, IsImplied: FeedForwardName == "relu");
        yield return new("dense_act_fn", ActivationName, IsImplied: true);
        yield return new("is_gated_act", IsGated, IsImplied: true);
        yield return new("scale_decoder_outputs", ScalesOutputs, IsImplied: ScalesOutputs == TieWordEmbeddings);
        yield return new("relative_attention_num_buckets", DistanceBuckets, IsImplied: DistanceBuckets == 32);
        yield return new("relative_attention_max_distance", FarthestDistance, IsImplied: FarthestDistance == 128);
        yield return ConfigEntry.Real("dropout_rate", Dropout, isImplied: Dropout is 0.1);
        yield return ConfigEntry.Real("classifier_dropout", ClassifierDropout, isImplied: ClassifierDropout is 0);
        yield return ConfigEntry.Real("layer_norm_epsilon", LayerNormEpsilon, isImplied: LayerNormEpsilon is 1e-6);
        yield return ConfigEntry.Real("initializer_factor", InitializerFactor, isImplied: InitializerFactor is 1);
    }

    private string ActivationName => Activation == Activation.GeluTanh ? "gelu_new" : ActivationNames.Format(Activation);

    private string FeedForwardName =>
        !IsGated ? ActivationName : Activation == Activation.GeluTanh ? GatedGelu : $"gated-{ActivationName}";

    // The activation's name, with "gated-" before it where there are two projections; gated-gelu is the approximation by tanh.
    private static (Activation Activation, bool IsGated) FeedForward(ConfigReader reader)
    {
        const string Key = "feed_forward_proj";
        const string Gated = "gated-";
        var name = reader.Text(Key) ?? "relu";
        if (name == GatedGelu)
            return (Activation.GeluTanh, true);
        var isGated = name.StartsWith(Gated, StringComparison.Ordinal);
        return (ActivationNames.Parse(isGated ? name[Gated.Length..] : name)
            ?? throw reader.Unsupported(Key, name, $"one of {ActivationNames.Supported}, with or without '{Gated}' before it"), isGated);
    }
}
