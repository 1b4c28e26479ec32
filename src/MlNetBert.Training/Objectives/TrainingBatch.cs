namespace MlNetBert.Training.Objectives;

/// <summary>One micro-batch of an objective, in ordinary memory: made ahead of the step that uses it.</summary>
[Experimental("MLNETBERT001")]
public abstract class TrainingBatch
{
    /// <summary>The numbers of the examples in this batch.</summary>
    public required IReadOnlyList<long> Examples { get; init; }

    /// <summary>
    /// How many targets each term of the loss sums over, [terms]; as many terms in every batch of an objective. A term with none takes no
    /// part.
    /// </summary>
    public required IReadOnlyList<long> TargetCounts { get; init; }

    /// <summary>How many tokens the model reads, padding left out: what tokens per second counts.</summary>
    public required long Tokens { get; init; }

    /// <summary>Whether there is anything to learn from: a term has a target.</summary>
    internal bool HasTargets => TargetCounts.Any(count => count > 0);
}
