using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Bert;

/// <summary>The configuration of a BERT model (Devlin et al. 2018, arXiv:1810.04805).</summary>
[Experimental("MLNETBERT001")]
public sealed record BertConfig : ModelConfig
{
    /// <inheritdoc/>
    public override string ModelType => "bert";

    /// <summary>The positions that there are (<c>max_position_embeddings</c>).</summary>
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

    /// <summary>The numbers of a layer.</summary>
    internal BertLayerShape LayerShape =>
        new(HiddenSize, HeadCount, IntermediateSize, Activation, LayerNormEpsilon, HiddenDropout, AttentionDropout);

    /// <inheritdoc/>
    public override int TokenTypeCount => TokenTypes;

    /// <summary>Reads what is this architecture's own.</summary>
    internal static BertConfig Parse(ConfigReader reader)
    {
        if (reader.Text("position_embedding_type") is { } positions and not "absolute")
            throw reader.Unsupported("position_embedding_type", positions, "absolute");
        reader.RefuseTrue("is_decoder");
        reader.RefuseTrue("add_cross_attention");
        reader.RefuseTrue("is_encoder_decoder");
        var hiddenSize = reader.Required("hidden_size");
        return new BertConfig
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = hiddenSize,
            LayerCount = reader.Layers("num_hidden_layers"),
            HeadCount = reader.Required("num_attention_heads"),
            IntermediateSize = reader.Required("intermediate_size"),
            MaxPositions = reader.Required("max_position_embeddings"),
            TokenTypes = reader.Integer("type_vocab_size", 2),
            PadTokenId = reader.TokenId("pad_token_id", 0),
            Activation = reader.Activation("hidden_act"),
            LayerNormEpsilon = reader.Real("layer_norm_eps", 1e-12),
            HiddenDropout = reader.Probability("hidden_dropout_prob", 0.1),
            AttentionDropout = reader.Probability("attention_probs_dropout_prob", 0.1),
            ClassifierDropout = reader.Has("classifier_dropout") ? reader.Probability("classifier_dropout", 0) : null,
        };
    }

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) =>
        this with { HiddenDropout = probability, AttentionDropout = probability, ClassifierDropout = probability };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => ((BertConfig)base.ToSkeleton()) with { MaxPositions = 1 };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (TokenTypes <= 0)
            yield return $"type_vocab_size must be positive, found {TokenTypes}.";
        foreach (var fault in DropoutFaults(("hidden_dropout_prob", HiddenDropout), ("attention_probs_dropout_prob", AttentionDropout),
            ("classifier_dropout", ClassifierDropout ?? 0)))
            yield return fault;
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in CommonKeys())
            yield return entry;
        yield return new("max_position_embeddings", MaxPositions);
        yield return ConfigEntry.Activation("hidden_act", Activation);
        yield return ConfigEntry.Real("layer_norm_eps", LayerNormEpsilon);
        yield return new("type_vocab_size", TokenTypes);
        yield return ConfigEntry.Real("hidden_dropout_prob", HiddenDropout);
        yield return ConfigEntry.Real("attention_probs_dropout_prob", AttentionDropout);
        yield return new("classifier_dropout", ClassifierDropout is { } dropout ? ConfigWriter.Number(dropout) : null,
            IsImplied: ClassifierDropout is null);

        // What transformers writes beside them for an encoder; never another value here.
        if (Source is null)
        {
            yield return new("add_cross_attention", false);
            yield return new("bos_token_id", null);
            yield return new("eos_token_id", null);
            yield return new("is_decoder", false);
            yield return new("use_cache", true);
        }
    }
}
