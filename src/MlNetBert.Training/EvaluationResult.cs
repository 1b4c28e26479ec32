namespace MlNetBert.Training;

/// <summary>Figures over all targets of an evaluation.</summary>
/// <param name="Loss">Mean loss over all targets: cross entropy in nats where they are classes, else the objective's own (squared error of numbers).</param>
/// <param name="Accuracy">Share of the targets whose best candidate is right, 0 to 1; null where targets are not classes.</param>
/// <param name="Targets">How many targets (masked tokens, rows) were counted.</param>
public sealed record EvaluationResult(double Loss, double? Accuracy, long Targets)
{
    /// <summary>exp(<see cref="Loss"/>); null where targets are not classes, whose loss is no cross entropy.</summary>
    public double? Perplexity => Accuracy is null ? null : Math.Exp(Loss);

    /// <summary>Further figures of the objective by their names, such as an F1.</summary>
    /// <value>Default null: none.</value>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }
}
