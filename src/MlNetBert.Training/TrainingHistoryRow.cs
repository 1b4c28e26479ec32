
namespace MlNetBert.Training;

/// <summary>
/// A row of <see cref="TrainingHistory"/>: a log event, an evaluation or a probe's figure; what the other kinds would hold is null.
/// </summary>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Epochs done, with the part of the current one.</param>
/// <param name="Seconds">Time since the run began.</param>
/// <param name="Loss">Mean training loss per target since the row before.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="GradientNorm">2-norm of the gradients before clipping.</param>
/// <param name="TokensPerSecond">Tokens trained on per second.</param>
/// <param name="EvaluationLoss">Loss on held-out data.</param>
/// <param name="Perplexity">exp of <paramref name="EvaluationLoss"/>.</param>
/// <param name="Accuracy">Accuracy on held-out data (of masked tokens, of rows), 0 to 1.</param>
/// <param name="Probe">The name of the probe.</param>
/// <param name="ProbeAccuracy">Accuracy of the probe on its held-out rows, 0 to 1.</param>
/// <param name="Metrics">Further figures of the evaluation by their names, such as an F1; null where the objective has none.</param>
public sealed record TrainingHistoryRow(
    long Step,
    double Epoch,
    double Seconds,
    double? Loss = null,
    double? LearningRate = null,
    double? GradientNorm = null,
    double? TokensPerSecond = null,
    double? EvaluationLoss = null,
    double? Perplexity = null,
    double? Accuracy = null,
    string? Probe = null,
    double? ProbeAccuracy = null,
    IReadOnlyDictionary<string, double>? Metrics = null)
{
    /// <summary>The row of an event.</summary>
    /// <param name="progress">The event.</param>
    /// <returns>The row; null where the event is none of them.</returns>
    public static TrainingHistoryRow? TryOf(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return progress.Kind is not (TrainingEventKind.Log or TrainingEventKind.Evaluation or TrainingEventKind.Probe)
            ? null
            : new TrainingHistoryRow(
            progress.Step,
            progress.Epoch,
            progress.Elapsed.TotalSeconds,
            progress.Loss,
            progress.LearningRate,
            progress.GradientNorm,
            progress.TokensPerSecond,
            progress.Evaluation?.Loss,
            progress.Evaluation?.Perplexity,
            progress.Evaluation?.Accuracy,
            progress.Probe?.Name,
            progress.Probe?.Accuracy,
            progress.Evaluation?.Metrics);
    }

    private (long, double, double, double?, double?, double?, double?, double?, double?, double?, string?, double?) Figures =>
        (Step, Epoch, Seconds, Loss, LearningRate, GradientNorm, TokensPerSecond, EvaluationLoss, Perplexity, Accuracy, Probe,
            ProbeAccuracy);

    /// <summary>Rows are equal where all figures are, <see cref="Metrics"/> by names and values.</summary>
    /// <param name="other">Another row.</param>
    /// <returns>Whether they are equal.</returns>
    public bool Equals(TrainingHistoryRow? other) => other is not null && Figures.Equals(other.Figures)
        && Sorted(Metrics).SequenceEqual(Sorted(other.Metrics));

    /// <inheritdoc/>
    public override int GetHashCode() => Figures.GetHashCode();

    private static IEnumerable<KeyValuePair<string, double>> Sorted(IEnumerable<KeyValuePair<string, double>>? metrics) =>
        (metrics ?? []).OrderBy(metric => metric.Key, StringComparer.Ordinal);
}
