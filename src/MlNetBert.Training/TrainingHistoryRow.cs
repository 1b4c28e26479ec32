using System.Text.Json.Serialization;

namespace MlNetBert;

/// <summary>
/// A row of <see cref="TrainingHistory"/>: a log event, an evaluation or a probe's figure; what the other kinds would hold is null.
/// </summary>
public sealed record TrainingHistoryRow
{
    [JsonConstructor]
    internal TrainingHistoryRow(
        long step,
        double epoch,
        double elapsedSeconds,
        double? trainingLoss = null,
        double? learningRate = null,
        double? gradientNorm = null,
        double? tokensPerSecond = null,
        double? evaluationLoss = null,
        double? evaluationPerplexity = null,
        double? evaluationAccuracy = null,
        string? probe = null,
        double? probeAccuracy = null,
        IReadOnlyDictionary<string, double>? metrics = null)
    {
        Step = step;
        Epoch = epoch;
        ElapsedSeconds = elapsedSeconds;
        TrainingLoss = trainingLoss;
        LearningRate = learningRate;
        GradientNorm = gradientNorm;
        TokensPerSecond = tokensPerSecond;
        EvaluationLoss = evaluationLoss;
        EvaluationPerplexity = evaluationPerplexity;
        EvaluationAccuracy = evaluationAccuracy;
        Probe = probe;
        ProbeAccuracy = probeAccuracy;
        Metrics = metrics;
    }

    /// <summary>Steps done.</summary>
    public long Step { get; internal init; }

    /// <summary>Epochs done, with the part of the current one.</summary>
    public double Epoch { get; internal init; }

    /// <summary>Time since the run began.</summary>
    [JsonPropertyName("Seconds")]
    public double ElapsedSeconds { get; internal init; }

    /// <summary>Mean training loss per target since the row before.</summary>
    [JsonPropertyName("Loss")]
    public double? TrainingLoss { get; internal init; }

    /// <summary>Learning rate of the step.</summary>
    public double? LearningRate { get; internal init; }

    /// <summary>2-norm of the gradients before clipping.</summary>
    public double? GradientNorm { get; internal init; }

    /// <summary>Tokens trained on per second.</summary>
    public double? TokensPerSecond { get; internal init; }

    /// <summary>Loss on held-out data.</summary>
    public double? EvaluationLoss { get; internal init; }

    /// <summary>exp of <see cref="EvaluationLoss"/>.</summary>
    [JsonPropertyName("Perplexity")]
    public double? EvaluationPerplexity { get; internal init; }

    /// <summary>Accuracy on held-out data (of masked tokens, of rows), 0 to 1.</summary>
    [JsonPropertyName("Accuracy")]
    public double? EvaluationAccuracy { get; internal init; }

    /// <summary>The name of the probe.</summary>
    public string? Probe { get; internal init; }

    /// <summary>Accuracy of the probe on its held-out rows, 0 to 1.</summary>
    public double? ProbeAccuracy { get; internal init; }

    /// <summary>Further figures of the evaluation by their names, such as an F1; null where the objective has none.</summary>
    [JsonConverter(typeof(MetricNames.Converter))]
    public IReadOnlyDictionary<string, double>? Metrics { get; internal init; }

    /// <summary>The row of an event; null where the event is none of those that have one.</summary>
    internal static TrainingHistoryRow? TryCreate(TrainingProgress progress) =>
        progress.Kind is not (TrainingProgressKind.Log or TrainingProgressKind.Evaluation or TrainingProgressKind.Probe)
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

    private (long, double, double, double?, double?, double?, double?, double?, double?, double?, string?, double?) Figures =>
        (Step, Epoch, ElapsedSeconds, TrainingLoss, LearningRate, GradientNorm, TokensPerSecond, EvaluationLoss, EvaluationPerplexity,
            EvaluationAccuracy, Probe, ProbeAccuracy);

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
