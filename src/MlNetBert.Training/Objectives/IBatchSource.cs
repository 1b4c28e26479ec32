namespace MlNetBert.Training.Objectives;

/// <summary>
/// Where the batches of an objective come from: blocks that are corrupted as they are asked for, or batches that were corrupted and stored
/// before. Safe to read from several threads.
/// </summary>
/// <typeparam name="TBatch">The batch.</typeparam>
[Experimental("MLNETBERT001")]
public interface IBatchSource<out TBatch>
    where TBatch : TrainingBatch
{
    /// <summary>How many examples there are.</summary>
    long Count { get; }

    /// <summary>Makes the batch of the given examples: a pure function that makes no tensor, as
    /// <see cref="Objective.Prepare"/>.</summary>
    /// <param name="examples">Numbers of the examples, each from 0 to <see cref="Count"/> - 1.</param>
    /// <param name="at">Where in the run the batch is used.</param>
    /// <returns>The batch.</returns>
    TBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at);
}
