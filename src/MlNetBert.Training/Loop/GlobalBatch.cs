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
        Targets = microBatches.Sum(b => b.Targets);
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

    /// <summary>Targets of the whole step; 0 where chance masked nothing.</summary>
    public long Targets { get; }

    /// <summary>Tokens of the whole step.</summary>
    public long Tokens { get; }

    /// <summary>Prepares the batch of a step.</summary>
    public static GlobalBatch Of(IObjective objective, BatchPlan plan, long step, int microBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(microBatchSize, 1);
        var examples = plan.ExamplesOf(step);
        var epoch = plan.EpochOf(step);
        var microBatches = new List<TrainingBatch>();
        for (long first = 0; first < examples.Length; first += microBatchSize)
            microBatches.Add(objective.Prepare(examples.AsSpan((int)first, (int)Math.Min(microBatchSize, examples.Length - first)), epoch));
        return new GlobalBatch(step, microBatchSize, examples, microBatches);
    }
}
