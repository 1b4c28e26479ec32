using MlNetBert.HuggingFace;

namespace MlNetBert.Runs;

/// <summary>What options of pretraining and fine-tuning may say of held-out rows, and of what needs them.</summary>
internal static class HeldOutChecks
{
    /// <summary>Collects what is wrong.</summary>
    /// <param name="faults">Collects the faults.</param>
    /// <param name="options">The options.</param>
    /// <param name="hasData">Whether there are rows to evaluate on.</param>
    /// <param name="fraction">The fraction that is held out.</param>
    /// <param name="fromCheckpoint">Whether training starts from a checkpoint.</param>
    /// <param name="evaluated">Whether anything is evaluated; null where the two before decide.</param>
    public static void Validate(
        OptionsValidator faults, TrainingOptions options, bool hasData, double fraction, bool fromCheckpoint, bool? evaluated = null)
    {
        const string Fraction = nameof(PretrainingOptions.EvaluationFraction);
        const string Requirement = "needs EvaluationData or EvaluationFraction to decide by";
        faults.Require(fraction is >= 0 and < 1, Fraction, fraction, "must be 0 or more and below 1");
        faults.Require(!hasData || fraction == 0, Fraction, fraction, "must be 0 where EvaluationData is given");
        faults.Require(
            !fromCheckpoint || options.TimeBudget is null || options.LearningRateSchedule != LearningRateSchedule.InverseSquareRoot
                || options.WarmupRatio is not null,
            nameof(TrainingOptions.WarmupRatio), options.WarmupRatio,
            "must be given where InverseSquareRoot goes with TimeBudget and a checkpoint: the rate falls from the end of warm-up on");
        if (evaluated ?? (hasData || fraction > 0))
            return;
        faults.Require(!options.RestoreBestWeights, nameof(options.RestoreBestWeights), options.RestoreBestWeights, Requirement);
        faults.Require(options.Patience is null, nameof(options.Patience), options.Patience, Requirement);
    }
}
