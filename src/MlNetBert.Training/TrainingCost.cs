namespace MlNetBert.Training;

/// <summary>What a run will take, from a few measured steps.</summary>
/// <param name="Steps">Steps of the whole run; null where a time budget ends it.</param>
/// <param name="StepTime">Median time of the measured steps (on a GPU the mean), the first ones left out.</param>
/// <param name="TokensPerSecond">Tokens a second at that pace.</param>
/// <param name="Duration">Time of the whole run, evaluations included.</param>
/// <param name="PeakMemoryBytes">The largest memory of this process so far, with a step at its peak.</param>
/// <param name="DiskBytes">Most that checkpoints and the model will hold on disk at once.</param>
/// <param name="Parameters">Weights of the model.</param>
public sealed record TrainingCost(
    long? Steps, TimeSpan StepTime, double TokensPerSecond, TimeSpan Duration, long PeakMemoryBytes, long DiskBytes, long Parameters);
