namespace MlNetBert.Training.Objectives;

/// <summary>What a corruption's random numbers follow from, beside the seed of the run.</summary>
/// <param name="Stream">Keeps training and evaluation apart: one of <see cref="RandomStreams"/>.</param>
/// <param name="Epoch">The epoch; 0 for a fixed corruption.</param>
/// <param name="Block">The block's number in its source.</param>
[Experimental("MLNETBERT001")]
public readonly record struct CorruptionKey(int Stream, int Epoch, long Block);
