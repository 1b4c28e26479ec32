namespace MlNetBert.Training.Loop;

/// <summary>The probes of a run.</summary>
/// <param name="Probes">The probes, each with a name of its own.</param>
/// <param name="EveryNSteps">Steps between their figures, beside one before the first step and one after the last; null is at every
/// that is due.</param>
[Experimental("MLNETBERT001")]
public sealed record TrainingProbes(IReadOnlyList<ITrainingProbe> Probes, int? EveryNSteps);
