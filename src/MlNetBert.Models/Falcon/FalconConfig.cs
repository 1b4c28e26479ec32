using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Falcon;

/// <summary>The configuration of a Falcon model (Almazrouei et al. 2023, arXiv:2311.16867).</summary>
[Experimental("MLNETBERT001")]
public sealed record FalconConfig : ModelConfig
{
    /// <inheritdoc/>
    public override string ModelType => "falcon";

    /// <summary>The positions that there are (<c>max_position_embeddings</c>); with <see cref="UsesAlibi"/> there is no limit.</summary>
    /// <value>Default: 2048.</value>
    public int MaxPositions { get; init; } = 2048;

    /// <inheritdoc/>
    public override int? MaxLength => UsesAlibi ? null : MaxPositions;

    /// <inheritdoc/>
    /// <value>Default: 1e-5 (<c>layer_norm_epsilon</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>
    /// Whether layers have Falcon-40B's shape (<c>new_decoder_architecture</c>): heads in <see cref="KeyValueHeads"/> groups, attention and
    /// feed-forward network beside each other, each with a norm of its own or with one for both (<see cref="ParallelNorms"/>).
    /// </summary>
    /// <value>Default: false.</value>
    public bool IsNewDecoder { get; init; }

    /// <summary>
    /// Whether all heads share one key and one value (<c>multi_query</c>; Shazeer 2019, arXiv:1911.02150). With <see cref="IsNewDecoder"/>
    /// it says nothing.
    /// </summary>
    /// <value>Default: true.</value>
    public bool IsMultiQuery { get; init; } = true;

    /// <summary>How many keys and values there are with <see cref="IsNewDecoder"/>, a divisor of the heads (<c>num_kv_heads</c>); null is
    /// as many as heads.</summary>
    /// <value>Default: null.</value>
    public int? KeyValueHeads { get; init; }

    /// <summary>
    /// Whether attention and feed-forward network take the same hidden states and are added to them at once, instead of one behind the
    /// other (<c>parallel_attn</c>).
    /// </summary>
    /// <value>Default: true.</value>
    public bool IsParallel { get; init; } = true;

    /// <summary>
    /// How many norms a layer with <see cref="IsNewDecoder"/> has, 1 or 2 (<c>num_ln_in_parallel_attn</c>); null is 2.
    /// </summary>
    /// <value>Default: null.</value>
    public int? ParallelNorms { get; init; }

    /// <summary>Whether scores have a bias by distance (ALiBi) instead of rotary positions (<c>alibi</c>).</summary>
    /// <value>Default: false.</value>
    public bool UsesAlibi { get; init; }

    /// <summary>The rotary positions (<c>rope_parameters</c>; in older files <c>rope_theta</c> and <c>rope_scaling</c>).</summary>
    /// <value>Default: a base of 10,000.</value>
    public RotaryPositions Rotary { get; init; } = new();

    /// <summary>Whether linear layers have biases (<c>bias</c>).</summary>
    /// <value>Default: false.</value>
    public bool HasBiases { get; init; }

    /// <summary>The probability of dropout of a layer's last update, in [0, 1) (<c>hidden_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double HiddenDropout { get; init; }

    /// <summary>
    /// The probability of dropout of attention weights with <see cref="UsesAlibi"/>, and of attention's update without
    /// <see cref="IsParallel"/>, in [0, 1) (<c>attention_dropout</c>): elsewhere transformers drops nothing.
    /// </summary>
    /// <value>Default: 0.</value>
    public double AttentionDropout { get; init; }

    /// <summary>
    /// The probability of dropout before a classifier of tokens, in [0, 1); null takes <see cref="HiddenDropout"/>
    /// (<c>classifier_dropout</c>).
    /// </summary>
    /// <value>Default: null.</value>
    public double? ClassifierDropout { get; init; }

    /// <summary>The id of the token that a text begins with (<c>bos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: null.</value>
    public int? BeginTokenId { get; init; }

    /// <summary>The ids of the tokens that end a text (<c>eos_token_id</c>); none where none is recorded.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<int> EndTokenIds { get; init; } = [];

    /// <inheritdoc/>
    protected internal override int? BeginningOfTextTokenId => BeginTokenId;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<int> EndOfTextTokenIds => EndTokenIds;

    /// <inheritdoc/>
    protected internal override ConfigKeys Keys => new() { InnerSize = "ffn_hidden_size" };

    /// <summary>How many keys and values there are.</summary>
    internal int Groups => IsNewDecoder ? KeyValueHeads ?? HeadCount : IsMultiQuery ? 1 : HeadCount;

    /// <inheritdoc/>
    protected internal override int CacheWidth => Groups * HeadSize;

    /// <summary>How many norms a layer has.</summary>
    internal int NormsOfLayer => IsNewDecoder ? ParallelNorms ?? 2 : IsParallel ? 1 : 2;

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) =>
        this with { HiddenDropout = probability, AttentionDropout = probability, ClassifierDropout = null };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => ((FalconConfig)base.ToSkeleton()) with { MaxPositions = 1 };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        foreach (var fault in !UsesAlibi && HeadCount > 0 ? RotaryKeys.Faults(Rotary, HeadSize) : [])
            yield return fault;
        if (MaxPositions is <= 0 or > 1 << 20)
            yield return $"max_position_embeddings must be positive and at most {1 << 20}, found {MaxPositions}.";
        if (IsNewDecoder ? Groups <= 0 || HeadCount % Groups != 0 : !IsMultiQuery && KeyValueHeads is { } heads && heads != HeadCount)
            yield return $"num_kv_heads must {(IsNewDecoder ? "divide" : "equal")} num_attention_heads, "
                + $"found {KeyValueHeads} and {HeadCount}.";
        if (IsNewDecoder && !IsParallel)
            yield return "parallel_attn must be true with new_decoder_architecture, which has no other layers, found false.";
        if (ParallelNorms is { } norms && (IsNewDecoder ? norms is not (1 or 2) : IsParallel && norms != 1))
            yield return $"num_ln_in_parallel_attn must be {(IsNewDecoder ? "1 or 2" : "1 or null without new_decoder_architecture")}, "
                + $"found {norms}.";
        foreach (var fault in DropoutFaults(("hidden_dropout", HiddenDropout), ("attention_dropout", AttentionDropout),
            ("classifier_dropout", ClassifierDropout ?? 0)))
            yield return fault;
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys() =>
        CommonKeys().Where(entry => entry.Key != Keys.InnerSize).Concat(FalconKeys.Write(this));
}
