using MlNetBert.Training.Objectives;

namespace Stranger.TokenReversal;

/// <summary>Blocks, padded to one length, and at each place the token that stands there when the block is read from its end.</summary>
internal sealed class ReversalBatch : TrainingBatch
{
    /// <summary>[blocks, length], one block after another.</summary>
    public required int[] InputIds { get; init; }

    /// <summary>Tokens of each block.</summary>
    public required int[] Lengths { get; init; }

    /// <summary>Tokens that a block can have.</summary>
    public required int Length { get; init; }

    /// <summary>Where tokens are, counted through all blocks: [targets].</summary>
    public required long[] Positions { get; init; }

    /// <summary>The tokens to predict there: [targets].</summary>
    public required long[] Labels { get; init; }
}
