namespace MlNetBert.Training.Loop;

/// <summary>
/// What stands in for the settings that <see cref="TrainingOptions"/> leave open: they depend on where a run starts from.
/// </summary>
/// <param name="BatchSize">Examples of a step.</param>
/// <param name="LearningRate">Peak learning rate.</param>
/// <param name="WarmupRatio">Fraction of the run that is warm-up.</param>
/// <param name="Seed">Seed of the run.</param>
/// <param name="MicroBatchSize">Examples that go through the model at once; null for the whole batch.</param>
/// <param name="IsMemoryShort">Whether they are so few because no more fit memory: the run says so then.</param>
[Experimental("MLNETBERT001")]
public sealed record TrainingDefaults(int BatchSize, double LearningRate, double WarmupRatio, int Seed, int? MicroBatchSize = null,
    bool IsMemoryShort = false)
{
    /// <summary>What the run says of its threads when it starts, from <see cref="ThreadCount.Note"/>; null for nothing.</summary>
    public string? ThreadsNote { get; init; }
}
