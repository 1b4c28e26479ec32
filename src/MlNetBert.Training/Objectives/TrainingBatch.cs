namespace MlNetBert.Training.Objectives;

/// <summary>One micro-batch of an objective, in ordinary memory: made ahead of the step that uses it.</summary>
public abstract class TrainingBatch
{
    /// <summary>The numbers of the examples in this batch.</summary>
    public required IReadOnlyList<long> Examples { get; init; }

    /// <summary>How many terms the loss sums over; 0 where nothing in the batch can be learnt from.</summary>
    public required long Targets { get; init; }

    /// <summary>How many tokens the model reads, padding left out: what tokens per second counts.</summary>
    public required long Tokens { get; init; }
}
