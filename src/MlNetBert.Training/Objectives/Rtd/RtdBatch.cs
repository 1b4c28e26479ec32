namespace MlNetBert.Training.Objectives.Rtd;

/// <summary>A batch of masked blocks, and what replacements are drawn by.</summary>
internal sealed class RtdBatch : TrainingBatch
{
    /// <summary>What the generator reads and is to predict.</summary>
    public required CorruptedBatch Masked { get; init; }

    /// <summary>For each target its place in the generator's cumulative distribution, from 0 (included) to 1 (excluded):
    /// [targets].</summary>
    public required double[] Draws { get; init; }
}
