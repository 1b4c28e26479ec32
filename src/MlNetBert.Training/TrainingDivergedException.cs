namespace MlNetBert;

/// <summary>A loss or gradient that is not a finite number: training cannot go on.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="loss">The loss of the step.</param>
    /// <param name="gradientNorm">The gradient norm of the step.</param>
    /// <param name="lastGoodLoss">The last finite loss; null where there was none.</param>
    /// <param name="examples">Numbers of the step's examples.</param>
    /// <param name="checkpoint">The newest whole checkpoint; null where there is none.</param>
    public TrainingDivergedException(long step, double loss, double gradientNorm, double? lastGoodLoss, IReadOnlyList<long> examples,
        string? checkpoint = null)
        : base(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"Training diverged at step {step}: expected a finite loss and gradient, found loss {loss} and gradient norm {gradientNorm} "
                + $"(last good loss: {lastGoodLoss?.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture) ?? "none"}; "
                + $"blocks {string.Join(", ", examples.Take(8))}{(examples.Count > 8 ? ", …" : "")}). "
                + $"Lower TrainingOptions.LearningRate, raise TrainingOptions.WarmupRatio, keep TrainingOptions.ClipNorm at 1, "
                + $"or use TrainingOptions.Precision = "
                + $"Float32.{(checkpoint is null ? "" : $" The last good checkpoint is {checkpoint}.")}"))
    {
        Step = step;
        LastGoodLoss = lastGoodLoss;
        Examples = examples;
        Checkpoint = checkpoint;
    }

    /// <summary>Creates the exception for an evaluation.</summary>
    /// <param name="step">The steps that were done; 0 for the model that the run started from.</param>
    /// <param name="evaluation">Its figures, of which the loss is no finite number.</param>
    /// <param name="checkpoint">The newest whole checkpoint; null where there is none.</param>
    public TrainingDivergedException(long step, EvaluationResult evaluation, string? checkpoint = null)
        : base(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"The evaluation after step {step} is no figure: expected a finite loss, found "
                + $"{(evaluation ?? throw new ArgumentNullException(nameof(evaluation))).Loss} over {evaluation.TargetCount} targets. "
                + $"{(step == 0 ? StartIsWrong : Remedy)}{(checkpoint is null ? "" : $" The last good checkpoint is {checkpoint}.")}"))
    {
        Step = step;
        Examples = [];
        Checkpoint = checkpoint;
    }

    private const string StartIsWrong = "The weights to start from, or the labels, hold values that no loss can be computed of.";
    private const string Remedy = "Lower LearningRate, raise WarmupRatio, keep ClipNorm at 1, or use Precision.Float32.";

    /// <summary>The step, from 1.</summary>
    public long Step { get; }

    /// <summary>The last finite loss; null where there was none.</summary>
    public double? LastGoodLoss { get; }

    /// <summary>Numbers of the examples of that step.</summary>
    public IReadOnlyList<long> Examples { get; }

    /// <summary>The newest whole checkpoint; null where there is none.</summary>
    public string? Checkpoint { get; }
}
