using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Llama;

/// <summary>The configuration of a Llama model (Touvron et al. 2023, arXiv:2302.13971).</summary>
[Experimental("MLNETBERT001")]
public record LlamaConfig : ModelConfig
{
    /// <summary>Makes a configuration with what files mean that say nothing else.</summary>
    public LlamaConfig() =>
        (PadTokenId, Activation, TieWordEmbeddings) = (null, Activation.Silu, false);

    /// <inheritdoc/>
    public override string ModelType => "llama";

    /// <summary>The positions that there are (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositions { get; init; }

    /// <inheritdoc/>
    public override int? MaxLength => MaxPositions;

    /// <inheritdoc/>
    /// <value>Default: 1e-6 (<c>rms_norm_eps</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-6;

    /// <summary>
    /// The number of heads of keys and values, a divisor of <see cref="ModelConfig.HeadCount"/>: several heads of queries share one
    /// (Ainslie et al. 2023, arXiv:2305.13245) (<c>num_key_value_heads</c>); null for as many as there are of queries.
    /// </summary>
    /// <value>Default: null.</value>
    public int? KeyValueHeads { get; init; }

    /// <summary>The width of one head where it is not that of a hidden state divided by the heads (<c>head_dim</c>).</summary>
    /// <value>Default: null.</value>
    public int? HeadWidth { get; init; }

    /// <inheritdoc/>
    public override int HeadSize => HeadWidth ?? base.HeadSize;

    /// <summary>The rotary positions (<c>rope_parameters</c>; in older files <c>rope_theta</c> and <c>rope_scaling</c>).</summary>
    /// <value>Default: a base of 10,000.</value>
    public RotaryPositions Rotary { get; init; } = new();

    /// <summary>How many positions a token sees, its own included (<c>sliding_window</c>); null for all.</summary>
    public virtual int? Window => null;

    /// <summary>Linear layers of attention have biases (<c>attention_bias</c>).</summary>
    /// <value>Default: false.</value>
    public bool AttentionBias { get; init; }

    /// <summary>Linear layers of the feed-forward network have biases (<c>mlp_bias</c>).</summary>
    /// <value>Default: false.</value>
    public bool FeedForwardBias { get; init; }

    /// <summary>The probability of dropout of attention weights, in [0, 1) (<c>attention_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double AttentionDropout { get; init; }

    /// <summary>The id of the token that a text begins with (<c>bos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: 1.</value>
    public int? BeginTokenId { get; init; } = 1;

    /// <summary>The ids of the tokens that a text may end with (<c>eos_token_id</c>).</summary>
    /// <value>Default: 2.</value>
    public IReadOnlyList<int> EndTokenIds { get; init; } = [2];

    /// <inheritdoc/>
    protected internal override int? BeginningOfTextTokenId => BeginTokenId;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<int> EndOfTextTokenIds => EndTokenIds;

    /// <summary>The heads of keys and values that there are.</summary>
    internal int KeyHeads => KeyValueHeads ?? HeadCount;

    /// <inheritdoc/>
    protected internal override int CacheWidth => KeyHeads * HeadSize;

    /// <summary>The heads of keys and values in a file that does not say it.</summary>
    private protected virtual int ImpliedKeyHeads => HeadCount;

    /// <inheritdoc/>
    protected internal override bool TiesByDefault => false;

    /// <summary>Reads what is this architecture's own.</summary>
    internal static LlamaConfig Parse(ConfigReader reader) => new LlamaConfig
    {
        VocabularySize = 0,
        HiddenSize = 0,
        LayerCount = 0,
        HeadCount = 0,
        IntermediateSize = 0,
        MaxPositions = 0,
        AttentionBias = reader.Boolean("attention_bias", fallback: false),
        FeedForwardBias = reader.Boolean("mlp_bias", fallback: false),
    }.Read(reader, positions: 2048);

    /// <summary>This configuration with what a file of either architecture says.</summary>
    /// <param name="reader">Reads config.json.</param>
    /// <param name="positions">The positions where it does not say it.</param>
    private protected LlamaConfig Read(ConfigReader reader, int positions)
    {
        var maxPositions = reader.Integer("max_position_embeddings", positions);
        var sized = this with { HeadCount = reader.Required("num_attention_heads") };
        return sized with
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = reader.Required("hidden_size"),
            LayerCount = reader.Layers("num_hidden_layers"),
            IntermediateSize = reader.Required("intermediate_size"),
            MaxPositions = maxPositions,
            KeyValueHeads = reader.Optional("num_key_value_heads", sized.ImpliedKeyHeads),
            HeadWidth = reader.Optional("head_dim"),
            Rotary = RotaryKeys.Read(reader, maxPositions),
            Activation = reader.Activation("hidden_act", "silu"),
            LayerNormEpsilon = reader.Real("rms_norm_eps", 1e-6),
            AttentionDropout = reader.Probability("attention_dropout", 0),
            PadTokenId = reader.TokenId("pad_token_id"),
            BeginTokenId = reader.TokenId("bos_token_id", 1),
            EndTokenIds = reader.TokenIds("eos_token_id", 2),
        };
    }

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) => this with { AttentionDropout = probability };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (KeyHeads <= 0 || HeadCount % KeyHeads != 0)
            yield return $"num_key_value_heads must be a divisor of num_attention_heads {HeadCount}, found {KeyHeads}.";
        foreach (var fault in HeadCount > 0 ? RotaryKeys.Faults(Rotary, HeadSize) : [])
            yield return fault;
        if (Window is <= 0)
            yield return $"sliding_window must be positive or null, found {Window}.";
        foreach (var fault in DropoutFaults(("attention_dropout", AttentionDropout)))
            yield return fault;
    }

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() =>
        ((LlamaConfig)base.ToSkeleton()) with { MaxPositions = 1, HeadWidth = HeadWidth is null ? null : 2 };

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys() =>
    [
        .. SharedKeys(),
        new("attention_bias", AttentionBias, IsImplied: !AttentionBias),
        new("mlp_bias", FeedForwardBias, IsImplied: !FeedForwardBias),
        .. Source is null ? (ConfigEntry[])[new("pretraining_tp", 1)] : [],
    ];

    /// <summary>The keys that files of either architecture have.</summary>
    private protected IEnumerable<ConfigEntry> SharedKeys()
    {
        foreach (var entry in CommonKeys().Concat(RotaryKeys.Write(Rotary, Source, MaxPositions)))
            yield return entry;
        yield return new("max_position_embeddings", MaxPositions);
        // A file keeps its null, which means as many as heads.
        var isNull = KeyHeads == HeadCount && ConfigReader.OfSource(this)?.IsNull("num_key_value_heads") == true;
        yield return new("num_key_value_heads", isNull ? null : KeyHeads, IsImplied: KeyHeads == ImpliedKeyHeads);
        yield return new("head_dim", HeadSize, IsImplied: HeadSize == base.HeadSize);
        yield return ConfigEntry.Activation("hidden_act", Activation);
        yield return ConfigEntry.Real("rms_norm_eps", LayerNormEpsilon);
        yield return ConfigEntry.Real("attention_dropout", AttentionDropout, isImplied: AttentionDropout is 0);
        yield return new("bos_token_id", BeginTokenId, IsImplied: BeginTokenId == 1);
        yield return ConfigEntry.TokenIds("eos_token_id", EndTokenIds, isImplied: EndTokenIds is [2]);
        if (Source is null)
            yield return new("use_cache", true);
    }
}
