namespace MlNetBert.Training.Objectives;

/// <summary>Where in a run a batch is used.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Step">The step, from 0.</param>
/// <param name="TotalSteps">Steps of the whole run; null where a time budget ends it.</param>
[Experimental("MLNETBERT001")]
public readonly record struct TrainingPosition(int Epoch, long Step = 0, long? TotalSteps = null);
