using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How <c>TextClassification</c> fine-tunes a classifier.</summary>
public sealed record TextClassificationOptions : FineTuningOptions
{
    /// <summary>
    /// A factor on the training loss of each class, by the label's text; labels that are not named have 1. The factors are scaled to a mean
    /// of 1 over the training rows.
    /// </summary>
    /// <value>Default null: all classes weigh alike.</value>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>
    /// Whether classes weigh as much as they are rare, one over their share of the training rows, instead of <see cref="ClassWeights"/>.
    /// </summary>
    /// <value>Default false.</value>
    public bool BalanceClasses { get; init; }

    /// <summary>
    /// What of a text the classifier sees: <see cref="Pooling.Cls"/> or, of architectures that have it (ModernBERT),
    /// <see cref="Pooling.Mean"/>.
    /// </summary>
    /// <value>Default null: what the checkpoint's configuration says.</value>
    public Pooling? Pooling { get; init; }

    /// <summary>The side at which texts that are too long lose tokens; of a pair, the longer text loses them.</summary>
    /// <value>Default <see cref="SequenceSide.Right"/>.</value>
    public SequenceSide TruncationSide { get; init; } = SequenceSide.Right;

    internal override SequenceSide CutSide => TruncationSide;

    private protected override void ValidateTask(OptionsValidator faults, PretrainedModel model)
    {
        faults.Require(ClassWeights is null || !BalanceClasses, nameof(BalanceClasses), BalanceClasses,
            "must be false where ClassWeights are given");
        faults.Require(
            ClassWeights?.Values.All(weight => weight is > 0 and < double.PositiveInfinity) != false,
            nameof(ClassWeights), ClassWeights is null
                ? null
                : string.Join(", ", ClassWeights.Select(w => FormattableString.Invariant($"{w.Key}: {w.Value}"))), "must be above 0");
        var hasMean = model.Config.WithMeanPooling(mean: true) is not null;
        faults.Require(
            Pooling is null or MlNetBert.Pooling.Cls || (Pooling is MlNetBert.Pooling.Mean && hasMean), nameof(Pooling), Pooling,
            hasMean ? "must be Cls or Mean" : $"must be Cls: a classifier of {model.Config.ModelType} has nothing else");
    }
}
