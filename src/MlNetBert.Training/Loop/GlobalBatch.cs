using MlNetBert.Training.Distributed;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Training.Loop;

/// <summary>Everything one optimizer step trains on: this rank's share of it, cut into micro-batches.</summary>
internal sealed class GlobalBatch
{
    private GlobalBatch(long step, int microBatchSize, long[] examples, List<(long Place, TrainingBatch Batch)> microBatches)
    {
        Step = step;
        MicroBatchSize = microBatchSize;
        Examples = examples;
        MicroBatches = microBatches;
        TargetCounts = microBatches.Count == 0 ? []
            : [.. microBatches[0].Batch.TargetCounts.Select((_, term) => microBatches.Sum(micro => micro.Batch.TargetCounts[term]))];
        Tokens = microBatches.Sum(micro => micro.Batch.Tokens);
    }

    /// <summary>The step, from 0.</summary>
    public long Step { get; }

    /// <summary>The most examples of a micro-batch.</summary>
    public int MicroBatchSize { get; }

    /// <summary>Numbers of all examples of the step, those of other ranks too, in order.</summary>
    public IReadOnlyList<long> Examples { get; }

    /// <summary>This rank's micro-batches in order, each with the place of its first example among <see cref="Examples"/>.</summary>
    public IReadOnlyList<(long Place, TrainingBatch Batch)> MicroBatches { get; }

    /// <summary>Targets for each term of the loss, [terms]: of this rank, until <see cref="Agree"/> makes them those of all.</summary>
    public IReadOnlyList<long> TargetCounts { get; private set; }

    /// <summary>Targets, all terms together; 0 where chance masked nothing.</summary>
    public long Targets => TargetCounts.Sum();

    /// <summary>Tokens: of this rank, until <see cref="Agree"/> makes them those of all.</summary>
    public long Tokens { get; private set; }

    /// <summary>Prepares a rank's share of the batch of a step; it is empty where a step has fewer examples than ranks.</summary>
    public static GlobalBatch Of(Objective objective, BatchPlan plan, Ranks ranks, long step, long? totalSteps, int microBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(microBatchSize, 1);
        var examples = plan.ExamplesOf(step);
        var at = new TrainingPosition(plan.EpochOf(step), step, totalSteps);
        var microBatches = new List<(long, TrainingBatch)>();
        var end = examples.LongLength * (ranks.Rank + 1) / ranks.Size;
        for (var first = examples.LongLength * ranks.Rank / ranks.Size; first < end; first += microBatchSize)
            microBatches.Add((first, objective.Prepare(examples.AsSpan((int)first, (int)Math.Min(microBatchSize, end - first)), at)));
        return new GlobalBatch(step, microBatchSize, examples, microBatches);
    }

    /// <summary>Takes the counts of the whole step over.</summary>
    public void Agree(IReadOnlyList<long> targetCounts, long tokens) => (TargetCounts, Tokens) = (targetCounts, tokens);
}
