namespace MlNetBert;

/// <summary>What a run came to; the trained weights are in the objective's model.</summary>
public sealed record TrainingResult
{
    internal TrainingResult(
        long steps,
        TimeSpan elapsed,
        long tokens,
        TrainingHistory history,
        EvaluationResult? evaluation,
        TrainingOutcome ended)
    {
        StepCount = steps;
        Elapsed = elapsed;
        TokenCount = tokens;
        History = history;
        Evaluation = evaluation;
        Outcome = ended;
    }

    /// <summary>Steps done.</summary>
    public long StepCount { get; internal init; }

    /// <summary>Time taken.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>Tokens trained on.</summary>
    public long TokenCount { get; internal init; }

    /// <summary>Everything it reported.</summary>
    public TrainingHistory History { get; internal init; }

    /// <summary>Figures of the returned weights; null where nothing was evaluated.</summary>
    public EvaluationResult? Evaluation { get; internal init; }

    /// <summary>Why it ended.</summary>
    public TrainingOutcome Outcome { get; internal init; }
}
