using System.Globalization;

namespace MlNetBert.Training.Checkpoints;

/// <summary>
/// What no run can have left: values out of range, figures that are no numbers, counts that contradict each other. A state with one of them
/// would hang the next run, or spoil its figures.
/// </summary>
internal static class TrainerStateFaults
{
    /// <summary>Three thousand years: what a time may be, with room to add to it.</summary>
    private const double MostSeconds = 1e11;

    /// <summary>What a count may be, with room to add to it.</summary>
    private const long MostCount = 1L << 60;

    /// <summary>The faults of a state, such as <c>'Step' = -5 (expected 0 or more)</c>, each.</summary>
    public static IEnumerable<string> Of(TrainerState state) =>
    [
        .. new[]
        {
            Unless(state.Version >= 1, nameof(state.Version), state.Version, "1 or more"),
            Unless(state.Step >= 0, nameof(state.Step), state.Step, "0 or more"),
            Unless(state.Updates >= 0 && state.Updates <= state.Step, nameof(state.Updates), state.Updates, "0 to the number of steps"),
            Unless(IsCount(state.Tokens), nameof(state.Tokens), state.Tokens, "a count"),
            Unless(IsTime(state.ElapsedSeconds), nameof(state.ElapsedSeconds), state.ElapsedSeconds, "a time"),
            Unless(state.MicroBatchSize >= 1, nameof(state.MicroBatchSize), state.MicroBatchSize, "1 or more"),
            Unless(state.SkippedSteps >= 0 && state.SkippedSteps <= state.Step, nameof(state.SkippedSteps), state.SkippedSteps,
                "0 to the number of steps"),
            Unless(state.Updates + state.SkippedSteps <= state.Step, "Updates + SkippedSteps", state.Updates + state.SkippedSteps,
                "at most the number of steps"),
            Unless(IsNumber(state.LastGoodLoss), nameof(state.LastGoodLoss), state.LastGoodLoss, "a number or null"),
            Unless(IsCount(state.WindowTargets), nameof(state.WindowTargets), state.WindowTargets, "a count"),
            Unless(
                IsNumber(state.WindowLoss) && (state.WindowTargets > 0 || state.WindowLoss == 0),
                nameof(state.WindowLoss),
                state.WindowLoss,
                "a number, 0 where there are no targets"),
            Unless(
                state.EvaluationsSinceBest >= 0 && state.EvaluationsSinceBest <= state.Step,
                nameof(state.EvaluationsSinceBest),
                state.EvaluationsSinceBest,
                "0 to the number of steps"),
            Unless(state.BestStep >= 0 && state.BestStep <= state.Step, nameof(state.BestStep), state.BestStep, "0 to the number of steps"),
            Unless((state.Best is null) == (state.BestStep == 0), nameof(state.BestStep), state.BestStep,
                "the step of the best evaluation, 0 where there is none"),
            Unless(state.Best is null || state.Last is not null, nameof(state.Last), "nothing", "an evaluation where there is a best one"),
        }.OfType<string>(),
        .. OfEvaluation(nameof(state.Best), state.Best),
        .. OfEvaluation(nameof(state.Last), state.Last),
        .. state.History is null ? ["'History' = null (expected a list)."]
            : state.History.SelectMany((row, i) => OfRow(row, i, state.Step)),
    ];

    private static IEnumerable<string> OfEvaluation(string name, EvaluationResult? result) => result is null ? [] : new[]
    {
        Unless(IsNumber(result.Loss), name + ".Loss", result.Loss, "a number"),
        Unless(IsShare(result.Accuracy), name + ".Accuracy", result.Accuracy, "a share or null"),
        Unless(result.TargetCount >= 0, name + ".Targets", result.TargetCount, "0 or more"),
    }.OfType<string>();

    /// <summary>
    /// A row: its perplexity, exp of a loss, may be infinite, and an objective's own figures are what they are (a correlation of equal
    /// values is no number).
    /// </summary>
    private static IEnumerable<string> OfRow(TrainingHistoryRow? row, int index, long step)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"History[{index}]");
        return row is null ? [$"'{name}' = null (expected a row)."] : new[]
        {
            Unless(row.Step >= 0 && row.Step <= step, name + ".Step", row.Step, "0 to the number of steps"),
            Unless(IsTime(row.Epoch), name + ".Epoch", row.Epoch, "0 or more"),
            Unless(IsTime(row.ElapsedSeconds), name + ".Seconds", row.ElapsedSeconds, "a time"),
            Unless(IsNumber(row.TrainingLoss), name + ".Loss", row.TrainingLoss, "a number or null"),
            Unless(IsNumber(row.LearningRate), name + ".LearningRate", row.LearningRate, "a number or null"),
            Unless(IsNumber(row.GradientNorm), name + ".GradientNorm", row.GradientNorm, "a number or null"),
            Unless(IsNumber(row.TokensPerSecond), name + ".TokensPerSecond", row.TokensPerSecond, "a number or null"),
            Unless(IsNumber(row.EvaluationLoss), name + ".EvaluationLoss", row.EvaluationLoss, "a number or null"),
            Unless(row.EvaluationPerplexity is null or >= 0, name + ".Perplexity", row.EvaluationPerplexity, "0 or more, or null"),
            Unless(IsShare(row.EvaluationAccuracy), name + ".Accuracy", row.EvaluationAccuracy, "a share or null"),
            Unless(IsShare(row.ProbeAccuracy), name + ".ProbeAccuracy", row.ProbeAccuracy, "a share or null"),
        }.OfType<string>();
    }

    private static string? Unless(bool isRight, string name, object? found, string expected) =>
        isRight ? null : string.Create(CultureInfo.InvariantCulture, $"'{name}' = {found ?? "null"} (expected {expected}).");

    private static bool IsNumber(double? value) => value is null || double.IsFinite(value.Value);

    private static bool IsCount(long value) => value is >= 0 and <= MostCount;

    private static bool IsTime(double value) => value is >= 0 and <= MostSeconds;

    private static bool IsShare(double? value) => value is null or (>= 0 and <= 1);
}
