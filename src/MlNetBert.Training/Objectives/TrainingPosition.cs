namespace MlNetBert.Training.Objectives;

/// <summary>Where in a run a batch is used.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Step">The step, from 0.</param>
/// <param name="TotalSteps">Steps of the whole run; null where a time budget ends it.</param>
[Experimental("MLNETBERT001")]
public readonly record struct TrainingPosition(int Epoch, long Step = 0, long? TotalSteps = null)
{
    /// <summary>How much of the run is over: 0 at the first step, 1 at the last; 0 where a time budget ends the run.</summary>
    public double Progress => TotalSteps is > 1 ? Math.Min(1, Step / (TotalSteps.Value - 1.0)) : 0;
}
