namespace MlNetBert.Training.Objectives;

/// <summary>A corrupted batch of blocks for masked language modelling.</summary>
internal sealed class MlmBatch : TrainingBatch
{
    /// <summary>Corrupted ids, row by row: [batch, sequence].</summary>
    public required int[] InputIds { get; init; }

    /// <summary>How many rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Tokens a row.</summary>
    public required int Length { get; init; }

    /// <summary>Tokens of each row that are not padding; null where no row is padded.</summary>
    public required int[]? Lengths { get; init; }

    /// <summary>Flat positions of the targets, row · length + position: [targets].</summary>
    public required int[] Positions { get; init; }

    /// <summary>Original ids at those positions: [targets].</summary>
    public required int[] Labels { get; init; }
}
