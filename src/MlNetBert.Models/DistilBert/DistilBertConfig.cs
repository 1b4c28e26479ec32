using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.DistilBert;

/// <summary>The configuration of a DistilBERT model (Sanh et al. 2019, arXiv:1910.01108).</summary>
[Experimental("MLNETBERT001")]
public sealed record DistilBertConfig : PostNormConfig
{
    /// <summary>What files have that say nothing else, without sizes.</summary>
    internal static DistilBertConfig Defaults { get; } = new()
    {
        VocabularySize = 0,
        HiddenSize = 0,
        LayerCount = 0,
        HeadCount = 0,
        IntermediateSize = 0,
        MaxPositions = 0,
    };

    /// <summary>Makes a configuration: DistilBERT has no segments.</summary>
    public DistilBertConfig() => TokenTypes = 0;

    /// <inheritdoc/>
    public override string ModelType => "distilbert";

    /// <summary>The probability of dropout in a sequence classifier, in [0, 1) (<c>seq_classif_dropout</c>).</summary>
    /// <value>Default: 0.2.</value>
    public double SequenceClassifierDropout { get; init; } = 0.2;

    /// <summary>The probability of dropout before the scores of an answer, in [0, 1) (<c>qa_dropout</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double QuestionAnsweringDropout { get; init; } = 0.1;

    /// <summary>
    /// Whether positions that are not loaded start as sines and cosines instead of being drawn (<c>sinusoidal_pos_embds</c>). They are
    /// trained either way, as in transformers 5.
    /// </summary>
    /// <value>Default: false.</value>
    public bool SinusoidalPositions { get; init; }

    /// <inheritdoc/>
    protected internal override ConfigKeys Keys =>
        new() { HiddenSize = "dim", Layers = "n_layers", Heads = "n_heads", InnerSize = "hidden_dim" };

    // Attention's update is not dropped.
    internal override BertLayerShape LayerShape => base.LayerShape with { HiddenDropout = 0, OutputDropout = HiddenDropout };

    internal override WeightFill PositionFill => SinusoidalPositions ? new(WeightFillKind.Sinusoidal) : base.PositionFill;

    private protected override string HiddenDropoutKey => "dropout";

    private protected override string AttentionDropoutKey => "attention_dropout";

    private protected override string? ClassifierDropoutKey => null;

    private protected override string ActivationKey => "activation";

    private protected override string? TokenTypesKey => null;

    private protected override string? EpsilonKey => null;

    /// <summary>Reads what is this architecture's own.</summary>
    internal static DistilBertConfig Parse(ConfigReader reader) => (DistilBertConfig)Defaults.Read(reader) with
    {
        SequenceClassifierDropout = reader.Probability("seq_classif_dropout", Defaults.SequenceClassifierDropout),
        QuestionAnsweringDropout = reader.Probability("qa_dropout", Defaults.QuestionAnsweringDropout),
        SinusoidalPositions = reader.Boolean("sinusoidal_pos_embds", fallback: false),
    };

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) => (DistilBertConfig)base.WithDropout(probability) with
    {
        ClassifierDropout = null,
        SequenceClassifierDropout = probability,
        QuestionAnsweringDropout = probability,
    };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() => base.Validate().Concat(DropoutFaults(
        ("seq_classif_dropout", SequenceClassifierDropout), ("qa_dropout", QuestionAnsweringDropout)));

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys() =>
    [
        .. base.KnownKeys(),
        ConfigEntry.Real("seq_classif_dropout", SequenceClassifierDropout),
        ConfigEntry.Real("qa_dropout", QuestionAnsweringDropout),
        new("sinusoidal_pos_embds", SinusoidalPositions, IsImplied: !SinusoidalPositions),
    ];
}
