using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Configuration;

/// <summary>
/// What the configurations of BERT and the architectures of its shape have in common: learned positions, and layers that normalise behind
/// each addition.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract record PostNormConfig : ModelConfig
{
    /// <summary>The rows of the position table (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositions { get; init; }

    /// <inheritdoc/>
    public override int? MaxLength => MaxPositions;

    /// <inheritdoc/>
    /// <value>Default: 1e-12 (<c>layer_norm_eps</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>The number of segments that token type ids tell apart (<c>type_vocab_size</c>).</summary>
    /// <value>Default: 2.</value>
    public int TokenTypes { get; init; } = 2;

    /// <summary>
    /// The probability of dropout after the embeddings, attention and feed-forward layers, in [0, 1) (<c>hidden_dropout_prob</c>).
    /// </summary>
    /// <value>Default: 0.1.</value>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>The probability of dropout of attention weights, in [0, 1) (<c>attention_probs_dropout_prob</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>
    /// The probability of dropout before a classifier, in [0, 1); null takes <see cref="HiddenDropout"/> (<c>classifier_dropout</c>).
    /// </summary>
    /// <value>Default: null.</value>
    public double? ClassifierDropout { get; init; }

    /// <summary>The id of the token that a text begins with (<c>bos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: null.</value>
    public int? ClassificationTokenId { get; init; }

    /// <summary>The id of the token that a text ends with (<c>eos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: null.</value>
    public int? SeparatorTokenId { get; init; }

    /// <inheritdoc/>
    public override int TokenTypeCount => TokenTypes;

    /// <inheritdoc/>
    protected internal sealed override int LayerRuns => LayerOrder.Count;

    /// <inheritdoc/>
    protected internal sealed override int DistinctLayers => LayerOrder.Distinct().Count();

    /// <summary>Whether a dense layer stands between embeddings and layers.</summary>
    internal virtual bool ProjectsEmbeddings => EmbeddingWidth != HiddenSize;

    /// <summary>Whether positions are counted from the pad id's row on (<see cref="EmbeddingShape.CountsBehindPadding"/>).</summary>
    internal virtual bool CountsPositionsBehindPadding => false;

    /// <summary>The layers that a pass goes through, by number: one that runs several times is named as often.</summary>
    internal virtual IReadOnlyList<int> LayerOrder => [.. Enumerable.Range(0, LayerCount)];

    /// <summary>The activation of the masked-LM head.</summary>
    internal virtual Activation HeadActivation => Activation;

    /// <summary>The probability of dropout before a classifier.</summary>
    internal double DropoutBeforeClassifier => ClassifierDropout ?? HiddenDropout;

    /// <summary>What the position table starts with.</summary>
    internal virtual WeightFill PositionFill => PostNormNames.Drawn(this);

    /// <summary>The numbers of a layer.</summary>
    internal virtual BertLayerShape LayerShape =>
        new(HiddenSize, HeadCount, IntermediateSize, Activation, LayerNormEpsilon, HiddenDropout, AttentionDropout);

    /// <summary>The numbers of the embeddings.</summary>
    internal EmbeddingShape EmbeddingShape =>
        new(VocabularySize, EmbeddingWidth, MaxPositions, TokenTypes, PadTokenId, LayerNormEpsilon, HiddenDropout)
        {
            CountsBehindPadding = CountsPositionsBehindPadding,
        };

    /// <summary>The first row of the position table that a token takes.</summary>
    private protected int FirstPosition => EmbeddingShape.FirstPosition;

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) =>
        this with { HiddenDropout = probability, AttentionDropout = probability, ClassifierDropout = probability };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton()
    {
        var skeleton = (PostNormConfig)base.ToSkeleton();
        return skeleton with { MaxPositions = skeleton.FirstPosition + 1 };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (TokenTypes < 0 || (TokenTypes == 0 && TokenTypesKey is not null))
            yield return $"{TokenTypesKey} must be positive, found {TokenTypes}.";
        foreach (var fault in DropoutFaults((HiddenDropoutKey, HiddenDropout), (AttentionDropoutKey, AttentionDropout),
            (ClassifierDropoutKey ?? "", ClassifierDropout ?? 0)))
            yield return fault;
    }

    /// <summary>What is wrong with the width of embeddings, where the file says it.</summary>
    private protected IEnumerable<string> EmbeddingFaults()
    {
        if (EmbeddingWidth is <= 0 or > 1 << 18)
            yield return $"{EmbeddingSizeKey} must be positive and at most {1 << 18}, found {EmbeddingWidth}.";
    }

    /// <summary>The width of embeddings, where it is another than that of hidden states.</summary>
    private protected const string EmbeddingSizeKey = "embedding_size";

    private protected virtual string HiddenDropoutKey => "hidden_dropout_prob";

    private protected virtual string AttentionDropoutKey => "attention_probs_dropout_prob";

    /// <summary>Null where the file has no such key.</summary>
    private protected virtual string? ClassifierDropoutKey => "classifier_dropout";

    /// <summary>What <c>bos_token_id</c> and <c>eos_token_id</c> are where the file has no such keys.</summary>
    private protected virtual (int? First, int? Last) ImpliedTokens => (null, null);

    private protected virtual string ActivationKey => "hidden_act";

    /// <summary>Null where the file has no such key: there are no segments.</summary>
    private protected virtual string? TokenTypesKey => "type_vocab_size";

    /// <summary>Null where the file has no such key: the value is always the same.</summary>
    private protected virtual string? EpsilonKey => "layer_norm_eps";

    /// <summary>This configuration with a size; inner layers are four times as wide as hidden states.</summary>
    /// <param name="size">The size.</param>
    /// <param name="vocabularySize">The number of token ids.</param>
    /// <param name="maxPositions">The longest sequence in tokens.</param>
    /// <param name="tokens">The ids of the special tokens.</param>
    internal PostNormConfig Sized(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        var sized = this with
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 4 * size.HiddenSize,
            PadTokenId = tokens.Padding,
        };
        return sized with { MaxPositions = sized.FirstPosition + maxPositions };
    }

    /// <summary>This configuration with the values that a file has; what it lacks stays.</summary>
    internal PostNormConfig Read(ConfigReader reader)
    {
        if (reader.Text("position_embedding_type") is { } positions and not "absolute")
            throw reader.Unsupported("position_embedding_type", positions, "absolute");
        reader.RefuseTrue("is_decoder");
        reader.RefuseTrue("add_cross_attention");
        reader.RefuseTrue("is_encoder_decoder");
        return this with
        {
            VocabularySize = reader.Required(Keys.VocabularySize),
            HiddenSize = reader.Required(Keys.HiddenSize),
            LayerCount = reader.Layers(Keys.Layers),
            HeadCount = reader.Required(Keys.Heads),
            IntermediateSize = reader.Required(Keys.InnerSize),
            MaxPositions = reader.Required(Keys.Positions!),
            TokenTypes = TokenTypesKey is null ? 0 : reader.Integer(TokenTypesKey, TokenTypes),
            PadTokenId = reader.TokenId("pad_token_id", PadTokenId),
            Activation = reader.Has(ActivationKey) ? reader.Activation(ActivationKey) : Activation,
            LayerNormEpsilon = EpsilonKey is null ? LayerNormEpsilon : reader.Real(EpsilonKey, LayerNormEpsilon),
            HiddenDropout = reader.Probability(HiddenDropoutKey, HiddenDropout),
            AttentionDropout = reader.Probability(AttentionDropoutKey, AttentionDropout),
            ClassifierDropout = ClassifierDropoutKey is not null && reader.Has(ClassifierDropoutKey)
                ? reader.Probability(ClassifierDropoutKey, 0) : ClassifierDropout,
            ClassificationTokenId = reader.TokenId("bos_token_id", ImpliedTokens.First),
            SeparatorTokenId = reader.TokenId("eos_token_id", ImpliedTokens.Last),
        };
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in CommonKeys())
            yield return entry;
        yield return new(Keys.Positions!, MaxPositions);
        yield return ConfigEntry.Activation(ActivationKey, Activation);
        if (EpsilonKey is not null)
            yield return ConfigEntry.Real(EpsilonKey, LayerNormEpsilon);
        if (TokenTypesKey is not null)
            yield return new(TokenTypesKey, TokenTypes);
        yield return ConfigEntry.Real(HiddenDropoutKey, HiddenDropout);
        yield return ConfigEntry.Real(AttentionDropoutKey, AttentionDropout);
        if (ClassifierDropoutKey is not null)
            yield return new(ClassifierDropoutKey, ClassifierDropout is { } dropout ? ConfigWriter.Number(dropout) : null,
                IsImplied: ClassifierDropout is null);
        yield return new("bos_token_id", ClassificationTokenId, IsImplied: ClassificationTokenId == ImpliedTokens.First);
        yield return new("eos_token_id", SeparatorTokenId, IsImplied: SeparatorTokenId == ImpliedTokens.Last);
        foreach (var entry in Source is null ? KeysOfNewFiles : [])
            yield return entry;
    }

    /// <summary>What transformers writes besides, always with the same values here; a file that was read keeps what it has.</summary>
    private protected virtual IEnumerable<ConfigEntry> KeysOfNewFiles => [];

    /// <summary>Of those, the ones of an encoder which could be a decoder.</summary>
    private protected static IEnumerable<ConfigEntry> KeysOfAnEncoder =>
        [new("add_cross_attention", false), new("is_decoder", false), new("use_cache", true)];
}
