namespace MlNetBert.Training.Objectives;

/// <summary>What an evaluation keeps of an example where a figure needs each of them.</summary>
/// <param name="Example">The example's number.</param>
/// <param name="Values">Its numbers.</param>
[Experimental("MLNETBERT001")]
public readonly record struct MetricRow(long Example, ReadOnlyMemory<float> Values);
