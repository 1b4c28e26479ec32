using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;
using MlNetBert.SequenceToSequence;

namespace MlNetBert;

/// <summary>
/// How <c>SequenceToSequence</c> fine-tunes a model from texts to texts, and how its transformer writes.
/// <see cref="FineTuningOptions.MaxLength"/> is that of a source, with what stands around it; of a causal model, source and target share
/// the positions.
/// </summary>
public sealed record SequenceToSequenceOptions : FineTuningOptions
{
    /// <summary>Tokens of a target, special tokens included; longer ones are cut and counted.</summary>
    /// <value>Default null: 128, or half of a causal model's positions where that is less.</value>
    public int? MaxTargetLength { get; init; }

    /// <summary>A text before each source, in training and in use: "translate English to German: " (Raffel et al. 2020).</summary>
    /// <value>Default: none.</value>
    public string SourcePrefix { get; init; } = "";

    /// <summary>A text behind each source, in training and in use, such as "\n### Answer:\n". It is never cut.</summary>
    /// <value>Default null: none for a text-to-text model. For a causal one, which sees by it where the source ends, a line break, or the
    /// separator token where the tokenizer reads no line breaks.</value>
    public string? SourceSuffix { get; init; }

    /// <summary>How much of a target token's probability is spread over the vocabulary in training (Szegedy et al. 2016). Evaluations
    /// measure without.</summary>
    /// <value>Default 0; at least 0 and below 1. Transformers are often trained with 0.1.</value>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// For how many of the rows for evaluation, spread evenly, each evaluation writes a text and compares it with the target. The loss is
    /// that of all rows. Writing takes longer than the loss.
    /// </summary>
    /// <value>Default 100; 0 for none.</value>
    public int EvaluationTexts { get; init; } = 100;

    /// <summary>
    /// How texts are written, by the transformer and in evaluations: with <see cref="GenerationOptions.Beams"/> by beam search. Where it is
    /// computed is said by <see cref="FineTuningOptions.Prediction"/>.
    /// </summary>
    /// <value>Default null: the most likely token at each step, at most as many as a target may have.</value>
    public GenerationOptions? Generation { get; init; }

    internal override int DefaultLengthOf(PretrainedModel model) => TextPairFormat.Continues(model)
        ? Math.Min(base.DefaultLengthOf(model), model.Config.LongestSequence - RoomFor(model))
        : base.DefaultLengthOf(model);

    /// <summary>How texts are written, settled.</summary>
    internal GenerationOptions GenerationFor(TextPairFormat format) =>
        (Generation ?? new GenerationOptions { MaxNewTokens = format.MaxTargetLength }) with
        {
            Device = Prediction.Device,
            Precision = Prediction.Precision,
            BatchSize = Prediction.BatchSize,
        };

    private protected override void ValidateTask(OptionsValidator faults, PretrainedModel model)
    {
        var (positions, target, usual) = (model.Config.LongestSequence, TargetLengthFor(model), new GenerationOptions());
        faults.Require(MaxTargetLength is null || (MaxTargetLength >= 2 && MaxTargetLength <= positions), nameof(MaxTargetLength),
            MaxTargetLength, FormattableString.Invariant($"must be 2, a token and the end, to the model's {positions} positions"));
        faults.Require(SourcePrefix is not null, nameof(SourcePrefix), SourcePrefix, "must be a text, if an empty one");
        faults.Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "must be at least 0 and below 1");
        faults.Require(EvaluationTexts >= 0, nameof(EvaluationTexts), EvaluationTexts, "must be at least 0 (none is written)");
        Generation?.ValidateRow(faults);
        faults.Require(Generation is null || Generation.Inference == usual.Inference, nameof(Generation), Generation?.Inference,
            $"must leave Device, Precision and BatchSize out, which {nameof(Prediction)} says");
        if (!TextPairFormat.Continues(model))
            return;
        faults.Require(TextPairFormat.Of(this, model).PartsSourceFromTarget(model), nameof(SourceSuffix), SourceSuffix,
            "must be a text that the tokenizer reads: a causal model sees by it where the source ends");
        var source = MaxLength ?? SequenceSettings.LeastLengthOf(model);
        faults.Require((long)source + target <= positions, MaxLength is null ? nameof(MaxTargetLength) : nameof(MaxLength),
            MaxLength ?? MaxTargetLength, FormattableString.Invariant(
                $"must leave room for source and target, which share the model's {positions} positions: {source} and {target}"));
        faults.Require(Generation is null || (long)source + Generation.MaxNewTokens <= positions + 1L, nameof(Generation),
            Generation?.MaxNewTokens, FormattableString.Invariant(
                $"must have MaxNewTokens that leave room for a source of {source} tokens among the model's {positions} positions"));
    }

    // Of a source, in training and in use; the last token that is written takes no position.
    private int RoomFor(PretrainedModel model) => Math.Max(TargetLengthFor(model), (Generation?.MaxNewTokens ?? 1) - 1);

    private int TargetLengthFor(PretrainedModel model) => MaxTargetLength ?? TextPairFormat.DefaultTargetLengthOf(model);
}
