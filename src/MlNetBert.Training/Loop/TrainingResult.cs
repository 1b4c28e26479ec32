namespace MlNetBert.Training.Loop;

/// <summary>What a run came to; the trained weights are in the objective's model.</summary>
public sealed record TrainingResult
{
    internal TrainingResult(
        long steps,
        TimeSpan elapsed,
        long tokens,
        TrainingHistory history,
        EvaluationResult? evaluation,
        TrainingEnd ended)
    {
        Steps = steps;
        Elapsed = elapsed;
        Tokens = tokens;
        History = history;
        Evaluation = evaluation;
        Ended = ended;
    }

    /// <summary>Steps done.</summary>
    public long Steps { get; internal init; }

    /// <summary>Time taken.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>Tokens trained on.</summary>
    public long Tokens { get; internal init; }

    /// <summary>Everything it reported.</summary>
    public TrainingHistory History { get; internal init; }

    /// <summary>Figures of the returned weights; null where nothing was evaluated.</summary>
    public EvaluationResult? Evaluation { get; internal init; }

    /// <summary>Why it ended.</summary>
    public TrainingEnd Ended { get; internal init; }
}
