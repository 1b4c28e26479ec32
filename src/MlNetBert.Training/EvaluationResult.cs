namespace MlNetBert.Training;

/// <summary>Figures over all targets of an evaluation.</summary>
/// <param name="Loss">Mean cross entropy over all targets, natural logarithm.</param>
/// <param name="Accuracy">Share of the targets whose best candidate is right, 0 to 1.</param>
/// <param name="Targets">How many targets (masked tokens) were counted.</param>
public sealed record EvaluationResult(double Loss, double Accuracy, long Targets)
{
    /// <summary>exp(<see cref="Loss"/>).</summary>
    public double Perplexity => Math.Exp(Loss);
}
