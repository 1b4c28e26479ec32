using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>A batch of blocks with tokens to predict at chosen places.</summary>
[Experimental("MLNETBERT001")]
public sealed class CorruptedBatch : TrainingBatch
{
    /// <summary>Corrupted ids, row by row: [batch, sequence].</summary>
    public required int[] InputIds { get; init; }

    /// <summary>How many rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Tokens of a row.</summary>
    public required int Length { get; init; }

    /// <summary>Tokens of each row that are not padding, [batch]; null where no row is padded.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>Which tokens are attended to, row by row, [batch, sequence]: 1, or 0 for padding; instead of <see cref="Lengths"/> where
    /// padding may stand anywhere.</summary>
    public int[]? AttentionMask { get; init; }

    /// <summary>Segments, row by row: [batch, sequence]; null where all are the first.</summary>
    public int[]? TokenTypeIds { get; init; }

    /// <summary>The <see cref="CorruptedBlock.PairLabel"/> of each row: [batch]; null where the objective is of texts alone.</summary>
    public int[]? PairLabels { get; init; }

    /// <summary>The <see cref="CorruptedBlock.IsCausal"/> of each row: [batch]; null where the model was made for all. Counts of targets
    /// are then those of causal rows, and those of the others.</summary>
    public bool[]? CausalRows { get; init; }

    /// <summary>1 where the first place of a row may not see the second, else 0, [batch, sequence, sequence]; null where all is
    /// seen.</summary>
    public byte[]? HiddenPairs { get; init; }

    /// <summary>What a decoder reads, row by row, [batch, target length]: its start token, and the target one place on; null where the
    /// targets are predicted at places of the ids.</summary>
    public int[]? DecoderIds { get; init; }

    /// <summary>Tokens of each row of <see cref="DecoderIds"/> that are not padding, [batch]; null where no row is padded.</summary>
    public int[]? DecoderLengths { get; init; }

    /// <summary>Flat positions of the targets, row · length + position: [targets]. With <see cref="DecoderIds"/> they are positions in
    /// these.</summary>
    public required int[] Positions { get; init; }

    /// <summary>What is to be predicted there: [targets].</summary>
    public required int[] Labels { get; init; }

    /// <summary>What a model reads of the batch; the caller owns the dispose scope.</summary>
    /// <param name="device">Where.</param>
    /// <param name="config">The model's configuration: one without segments takes none.</param>
    /// <param name="seesBehind">Whether a position sees those behind it, so that padding behind the tokens of a row has to be masked
    /// out.</param>
    internal ModelInputs ToInputs(Device device, ModelConfig config, bool seesBehind = true)
    {
        var inputIds = BatchTensors.Matrix(InputIds, Rows, Length, device);                  // [batch, sequence]
        var attention = AttentionMask is { } mask ? BatchTensors.Matrix(mask, Rows, Length, device)
            : Lengths is { } lengths && seesBehind ? BatchTensors.AttentionMask(lengths, Length, device)
            : null;                                                                          // [batch, sequence]
        var types = TokenTypeIds is { } segments && config.TakenTypeIds(segments) is { } taken
            ? BatchTensors.Matrix(taken, Rows, Length, device)
            : null;
        return new ModelInputs(inputIds, attention, types);
    }
}
