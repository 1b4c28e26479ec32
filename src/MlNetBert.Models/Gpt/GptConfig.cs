using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Gpt;

/// <summary>What the configurations of GPT and GPT-2 have in common: learned positions, and layers of one shape.</summary>
[Experimental("MLNETBERT001")]
public abstract record GptConfig : ModelConfig
{
    /// <summary>The rows of the position table (<c>n_positions</c>).</summary>
    public required int MaxPositions { get; init; }

    /// <inheritdoc/>
    public override int? MaxLength => MaxPositions;

    /// <inheritdoc/>
    /// <value>Default: 1e-5 (<c>layer_norm_epsilon</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>The probability of dropout after the embeddings, in [0, 1) (<c>embd_pdrop</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double EmbeddingDropout { get; init; } = 0.1;

    /// <summary>The probability of dropout of attention weights, in [0, 1) (<c>attn_pdrop</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>The probability of dropout after attention and feed-forward layers, in [0, 1) (<c>resid_pdrop</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double ResidualDropout { get; init; } = 0.1;

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

    /// <summary>What <c>bos_token_id</c> and <c>eos_token_id</c> are where a file has no such key.</summary>
    private protected virtual int? ImpliedToken => null;

    /// <summary>Whether a layer normalizes what attention and the feed-forward network take, instead of what their sums give.</summary>
    internal abstract bool NormalizesFirst { get; }

    /// <summary>What attention's products of queries and keys are multiplied by in a layer.</summary>
    /// <param name="layer">The layer, from 0.</param>
    internal virtual double AttentionScale(int layer) => 1 / Math.Sqrt(HeadSize);

    /// <summary>Whether attention is computed in float32 whatever the precision of a pass.</summary>
    internal virtual bool WidensAttention => false;

    /// <summary>What the matrices that add to the residual stream start with, as a standard deviation.</summary>
    internal virtual double ResidualDeviation => InitializerRange;

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) =>
        this with { EmbeddingDropout = probability, AttentionDropout = probability, ResidualDropout = probability };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => ((GptConfig)base.ToSkeleton()) with { MaxPositions = 1 };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() => base.Validate().Concat(DropoutFaults(
        ("embd_pdrop", EmbeddingDropout), ("attn_pdrop", AttentionDropout), ("resid_pdrop", ResidualDropout)));

    private int[] ImpliedTokens => ImpliedToken is { } token ? [token] : [];

    /// <summary>This configuration with a size; inner layers are four times as wide as hidden states.</summary>
    /// <param name="size">The size.</param>
    /// <param name="vocabularySize">The number of token ids.</param>
    /// <param name="maxPositions">The longest sequence in tokens.</param>
    /// <param name="tokens">The ids of the special tokens.</param>
    internal GptConfig Sized(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return this with
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 4 * size.HiddenSize,
            MaxPositions = maxPositions,
            PadTokenId = tokens.Padding,
            BeginTokenId = tokens.Classification,
            EndTokenIds = tokens.Separator is { } end ? [end] : [],
        };
    }

    /// <summary>This configuration with the values that a file has; what it lacks stays.</summary>
    private protected GptConfig Read(ConfigReader reader)
    {
        reader.RefuseTrue("is_encoder_decoder");
        reader.RefuseTrue("add_cross_attention");
        var hidden = reader.Required(Keys.HiddenSize);
        return this with
        {
            VocabularySize = reader.Required(Keys.VocabularySize),
            HiddenSize = hidden,
            LayerCount = reader.Layers(Keys.Layers),
            HeadCount = reader.Required(Keys.Heads),
            IntermediateSize = 4 * hidden,
            MaxPositions = reader.Integer(Keys.Positions!, MaxPositions),
            PadTokenId = reader.TokenId("pad_token_id"),
            BeginTokenId = reader.TokenId("bos_token_id", ImpliedToken),
            EndTokenIds = reader.TokenIds("eos_token_id", ImpliedTokens),
            LayerNormEpsilon = reader.Real("layer_norm_epsilon", LayerNormEpsilon),
            EmbeddingDropout = reader.Probability("embd_pdrop", EmbeddingDropout),
            AttentionDropout = reader.Probability("attn_pdrop", AttentionDropout),
            ResidualDropout = reader.Probability("resid_pdrop", ResidualDropout),
        };
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in CommonKeys().Where(entry => entry.Key != Keys.InnerSize))
            yield return entry;
        yield return new(Keys.Positions!, MaxPositions);
        yield return new("bos_token_id", BeginTokenId, IsImplied: BeginTokenId == ImpliedToken);
        yield return ConfigEntry.TokenIds("eos_token_id", EndTokenIds, EndTokenIds.SequenceEqual(ImpliedTokens));
        yield return ConfigEntry.Real("layer_norm_epsilon", LayerNormEpsilon, isImplied: LayerNormEpsilon is 1e-5);
        yield return ConfigEntry.Real("embd_pdrop", EmbeddingDropout, isImplied: EmbeddingDropout is 0.1);
        yield return ConfigEntry.Real("attn_pdrop", AttentionDropout, isImplied: AttentionDropout is 0.1);
        yield return ConfigEntry.Real("resid_pdrop", ResidualDropout, isImplied: ResidualDropout is 0.1);
        if (Source is not null)
            yield break;
        // Of the head over several choices, which is not built.
        yield return new("summary_activation", null);
        yield return ConfigEntry.Real("summary_first_dropout", 0.1);
        yield return new("summary_proj_to_labels", true);
        yield return new("summary_type", "cls_index");
        yield return new("summary_use_proj", true);
    }
}
