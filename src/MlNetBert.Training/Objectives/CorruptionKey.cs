namespace MlNetBert.Training.Objectives;

/// <summary>What a corruption's random numbers follow from, beside the seed of the run.</summary>
/// <param name="Stream">Keeps training and evaluation apart: one of <see cref="RandomStreams"/>.</param>
/// <param name="Epoch">The epoch; 0 for a fixed corruption.</param>
/// <param name="Block">The block's number in its source.</param>
/// <param name="Progress">How far the run is when the block is used, as <see cref="TrainingPosition.Progress"/> says: a corruption may
/// become weaker or stronger by it.</param>
[Experimental("MLNETBERT001")]
public readonly record struct CorruptionKey(int Stream, int Epoch, long Block, double Progress = 0);
