using MlNetBert.Training.Objectives;

namespace MlNetBert.Training.Loop;

/// <summary>Everything one optimizer step trains on, cut into micro-batches.</summary>
internal sealed class GlobalBatch
{
    private GlobalBatch(long step, int microBatchSize, long[] examples, List<TrainingBatch> microBatches)
    {
        Step = step;
        MicroBatchSize = microBatchSize;
        Examples = examples;
        MicroBatches = microBatches;
        TargetCounts = [.. microBatches[0].TargetCounts.Select((_, term) => microBatches.Sum(b => b.TargetCounts[term]))];
        Targets = TargetCounts.Sum();
        Tokens = microBatches.Sum(b => b.Tokens);
    }

    /// <summary>The step, from 0.</summary>
    public long Step { get; }

    /// <summary>The most examples of a micro-batch.</summary>
    public int MicroBatchSize { get; }

    /// <summary>Numbers of all examples, in order.</summary>
    public IReadOnlyList<long> Examples { get; }

    /// <summary>The micro-batches, in order.</summary>
    public IReadOnlyList<TrainingBatch> MicroBatches { get; }

    /// <summary>Targets of the whole step for each term of the loss, [terms].</summary>
    public IReadOnlyList<long> TargetCounts { get; }

    /// <summary>Targets of the whole step, all terms together; 0 where chance masked nothing.</summary>
    public long Targets { get; }

    /// <summary>Tokens of the whole step.</summary>
    public long Tokens { get; }

    /// <summary>Prepares the batch of a step.</summary>
    public static GlobalBatch Of(Objective objective, BatchPlan plan, long step, long? totalSteps, int microBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(microBatchSize, 1);
        var examples = plan.ExamplesOf(step);
        var at = new TrainingPosition(plan.EpochOf(step), step, totalSteps);
        var microBatches = new List<TrainingBatch>();
        for (long first = 0; first < examples.Length; first += microBatchSize)
            microBatches.Add(objective.Prepare(examples.AsSpan((int)first, (int)Math.Min(microBatchSize, examples.Length - first)), at));
        return new GlobalBatch(step, microBatchSize, examples, microBatches);
    }
}
