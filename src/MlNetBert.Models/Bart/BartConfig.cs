using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Bart;

/// <summary>The configuration of a BART model (Lewis et al. 2019, arXiv:1910.13461).</summary>
[Experimental("MLNETBERT001")]
public sealed record BartConfig : SequenceToSequenceConfig
{
    /// <summary>Tables of positions have this many rows before that of the first position.</summary>
    internal const int PositionOffset = 2;

    private const double Epsilon = 1e-5; // transformers', which no key changes

    /// <summary>Makes a configuration with what files mean that say nothing else.</summary>
    public BartConfig() => (PadTokenId, EndTokenIds, Labels) = (1, [2], ["LABEL_0", "LABEL_1", "LABEL_2"]);

    /// <inheritdoc/>
    public override string ModelType => "bart";

    /// <summary>The positions that there are, of the source and of the target (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositions { get; init; }

    /// <inheritdoc/>
    public override int? MaxLength => MaxPositions;

    /// <summary>What layer normalization adds to the variance; files have no key for it.</summary>
    /// <value>Default: 1e-5, which is what it has to be.</value>
    public override double LayerNormEpsilon { get; init; } = Epsilon;

    /// <summary>The number of the decoder's attention heads (<c>decoder_attention_heads</c>); null for as many as the encoder's.</summary>
    /// <value>Default: null.</value>
    public int? DecoderHeads { get; init; }

    /// <inheritdoc/>
    public override int DecoderHeadCount => DecoderHeads ?? HeadCount;

    /// <summary>The inner width of the decoder's feed-forward layers (<c>decoder_ffn_dim</c>); null for the encoder's.</summary>
    /// <value>Default: null.</value>
    public int? DecoderInnerSize { get; init; }

    /// <inheritdoc/>
    public override int DecoderIntermediateSize => DecoderInnerSize ?? IntermediateSize;

    /// <summary>Whether word embeddings are multiplied by the root of their width (<c>scale_embedding</c>).</summary>
    /// <value>Default: false.</value>
    public bool ScalesEmbeddings { get; init; }

    /// <summary>The probability of dropout of embeddings and of layers' updates, in [0, 1) (<c>dropout</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double Dropout { get; init; } = 0.1;

    /// <summary>The probability of dropout of attention weights, in [0, 1) (<c>attention_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double AttentionDropout { get; init; }

    /// <summary>The probability of dropout of the feed-forward networks' activations, in [0, 1) (<c>activation_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double ActivationDropout { get; init; }

    /// <summary>The probability of dropout in classifiers, which are not built (<c>classifier_dropout</c>).</summary>
    /// <value>Default: 0.</value>
    public double ClassifierDropout { get; init; }

    /// <summary>The id of the token that a text begins with (<c>bos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: 0.</value>
    public int? BeginTokenId { get; init; } = 0;

    /// <inheritdoc/>
    protected internal override int? BeginningOfTextTokenId => BeginTokenId;

    /// <summary>The ids of the token that generation is to end a text with where its length is used up (<c>forced_eos_token_id</c>); empty
    /// for none.</summary>
    /// <value>Default: 2.</value>
    public IReadOnlyList<int> ForcedEndTokenIds { get; init; } = [2];

    internal override IReadOnlyList<int> ForcedLastTokenIds => ForcedEndTokenIds;

    /// <inheritdoc/>
    protected internal override ConfigKeys Keys => new()
    {
        HiddenSize = "d_model",
        Layers = "encoder_layers",
        Heads = "encoder_attention_heads",
        InnerSize = "encoder_ffn_dim",
        InitializerRange = "init_std",
    };

    internal override string DecoderLayersKey => "decoder_layers";

    /// <summary>The numbers of an encoder's layer.</summary>
    internal BertLayerShape EncoderShape => Shape(HeadCount, IntermediateSize);

    /// <summary>The numbers of a decoder's layer, without what attends to the encoder.</summary>
    internal BertLayerShape DecoderShape => Shape(DecoderHeadCount, DecoderIntermediateSize);

    /// <summary>Reads what is this architecture's own. Fallbacks are transformers'.</summary>
    internal static BartConfig Parse(ConfigReader reader)
    {
        foreach (var key in (string[])["encoder_layerdrop", "decoder_layerdrop"])
        {
            if (reader.Real(key, 0) is not 0)
                throw reader.Unsupported(key, reader.Node(key)!.ToJsonString(), "0 or absent");
        }

        return new BartConfig
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = reader.Required("d_model"),
            LayerCount = reader.Layers("encoder_layers"),
            DecoderLayerCount = reader.Layers("decoder_layers"),
            HeadCount = reader.Required("encoder_attention_heads"),
            DecoderHeads = reader.Required("decoder_attention_heads"),
            IntermediateSize = reader.Required("encoder_ffn_dim"),
            DecoderInnerSize = reader.Required("decoder_ffn_dim"),
            MaxPositions = reader.Integer("max_position_embeddings", 1024),
            ScalesEmbeddings = reader.Boolean("scale_embedding", fallback: false),
            Activation = reader.Activation("activation_function"),
            Dropout = reader.Probability("dropout", 0.1),
            AttentionDropout = reader.Probability("attention_dropout", 0),
            ActivationDropout = reader.Probability("activation_dropout", 0),
            ClassifierDropout = reader.Probability("classifier_dropout", 0),
            PadTokenId = reader.TokenId("pad_token_id", 1),
            BeginTokenId = reader.TokenId("bos_token_id", 0),
            EndTokenIds = reader.TokenIds("eos_token_id", 2),
            ForcedEndTokenIds = reader.TokenIds("forced_eos_token_id", 2),
            DecoderStartTokenId = reader.TokenId("decoder_start_token_id", 2),
        };
    }

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) => this with
    {
        Dropout = probability,
        AttentionDropout = probability,
        ActivationDropout = probability,
        ClassifierDropout = probability,
    };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (DecoderHeadCount <= 0 || HiddenSize % DecoderHeadCount != 0)
            yield return $"d_model must be a multiple of decoder_attention_heads, found {HiddenSize} and {DecoderHeadCount}.";
        if (DecoderIntermediateSize is <= 0 or > 1 << 20)
            yield return $"decoder_ffn_dim must be positive and at most {1 << 20}, found {DecoderIntermediateSize}.";
        if (LayerNormEpsilon is not Epsilon)
            yield return "config.json of BART has no key for the layer norm epsilon: expected 1e-5.";
        foreach (var fault in DropoutFaults(("dropout", Dropout), ("attention_dropout", AttentionDropout),
            ("activation_dropout", ActivationDropout), ("classifier_dropout", ClassifierDropout)))
            yield return fault;
    }

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => (BartConfig)base.ToSkeleton() with
    {
        HiddenSize = 2 * HeadCount * DecoderHeadCount,
        DecoderInnerSize = 1,
        MaxPositions = 1,
    };

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in CommonKeys().Concat(DecodingKeys([2])))
            yield return entry;
        yield return new("max_position_embeddings", MaxPositions);
        yield return new(DecoderLayersKey, DecoderLayerCount);
        yield return new("decoder_attention_heads", DecoderHeadCount);
        yield return new("decoder_ffn_dim", DecoderIntermediateSize);
        yield return ConfigEntry.Activation("activation_function", Activation);
        yield return new("scale_embedding", ScalesEmbeddings, IsImplied: !ScalesEmbeddings);
        yield return ConfigEntry.Real("dropout", Dropout, isImplied: Dropout is 0.1);
        yield return ConfigEntry.Real("attention_dropout", AttentionDropout, isImplied: AttentionDropout is 0);
        yield return ConfigEntry.Real("activation_dropout", ActivationDropout, isImplied: ActivationDropout is 0);
        yield return ConfigEntry.Real("classifier_dropout", ClassifierDropout, isImplied: ClassifierDropout is 0);
        yield return new("bos_token_id", BeginTokenId, IsImplied: BeginTokenId == 0);
        yield return ConfigEntry.TokenIds("forced_eos_token_id", ForcedEndTokenIds, ForcedEndTokenIds is [2]);
        if (Source is not null)
            yield break;
        // Layers that are left out of a pass at random, which is not built.
        yield return ConfigEntry.Real("encoder_layerdrop", 0);
        yield return ConfigEntry.Real("decoder_layerdrop", 0);
    }

    private BertLayerShape Shape(int heads, int inner) =>
        new(HiddenSize, heads, inner, Activation, LayerNormEpsilon, Dropout, AttentionDropout) { InnerDropout = ActivationDropout };
}
