using Microsoft.Data.Analysis;

namespace MlNetBert;

/// <summary>A training history as a data frame.</summary>
public static class TrainingHistoryExtensions
{
    /// <summary>
    /// Gives the history as a data frame: a column for each property of <see cref="TrainingHistoryRow"/> and for each of its
    /// <see cref="TrainingHistoryRow.Metrics"/> by its name (after "Metrics." where a property has that name), a row per log event,
    /// evaluation and probe's figure; what the other kinds would hold is null.
    /// </summary>
    /// <param name="history">The history.</param>
    /// <returns>The data frame.</returns>
    public static DataFrame ToDataFrame(this TrainingHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        DoubleDataFrameColumn Column(string name, Func<TrainingHistoryRow, double?> value) => new(name, history.Select(value));
        var metrics = history.SelectMany(r => r.Metrics?.Keys ?? []).Distinct(StringComparer.Ordinal);
        return new DataFrame(
        [
            new Int64DataFrameColumn(nameof(TrainingHistoryRow.Step), history.Select(r => r.Step)),
            Column(nameof(TrainingHistoryRow.Epoch), r => r.Epoch),
            Column(nameof(TrainingHistoryRow.ElapsedSeconds), r => r.ElapsedSeconds),
            Column(nameof(TrainingHistoryRow.TrainingLoss), r => r.TrainingLoss),
            Column(nameof(TrainingHistoryRow.LearningRate), r => r.LearningRate),
            Column(nameof(TrainingHistoryRow.GradientNorm), r => r.GradientNorm),
            Column(nameof(TrainingHistoryRow.TokensPerSecond), r => r.TokensPerSecond),
            Column(nameof(TrainingHistoryRow.EvaluationLoss), r => r.EvaluationLoss),
            Column(nameof(TrainingHistoryRow.EvaluationPerplexity), r => r.EvaluationPerplexity),
            Column(nameof(TrainingHistoryRow.EvaluationAccuracy), r => r.EvaluationAccuracy),
            new StringDataFrameColumn(nameof(TrainingHistoryRow.Probe), history.Select(r => r.Probe)),
            Column(nameof(TrainingHistoryRow.ProbeAccuracy), r => r.ProbeAccuracy),
            .. metrics.Select(name =>
                Column(typeof(TrainingHistoryRow).GetProperty(name) is null ? name : $"{nameof(TrainingHistoryRow.Metrics)}.{name}", r =>
                    r.Metrics is { } figures && figures.TryGetValue(name, out var value) ? value : null)),
        ]);
    }
}
