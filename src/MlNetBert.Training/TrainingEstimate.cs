namespace MlNetBert;

/// <summary>What a run will take, from a few measured steps.</summary>
public sealed record TrainingEstimate
{
    internal TrainingEstimate(
        long? steps,
        TimeSpan stepTime,
        double tokensPerSecond,
        TimeSpan duration,
        long peakMemoryBytes,
        long diskBytes,
        long parameters)
    {
        StepCount = steps;
        StepTime = stepTime;
        TokensPerSecond = tokensPerSecond;
        Duration = duration;
        PeakMemoryBytes = peakMemoryBytes;
        DiskBytes = diskBytes;
        ParameterCount = parameters;
    }

    /// <summary>Steps of the whole run; null where a time budget ends it.</summary>
    public long? StepCount { get; internal init; }

    /// <summary>Median time of the measured steps (on a GPU the mean), the first ones left out.</summary>
    public TimeSpan StepTime { get; internal init; }

    /// <summary>Tokens a second at that pace.</summary>
    public double TokensPerSecond { get; internal init; }

    /// <summary>Time of the whole run, evaluations included.</summary>
    public TimeSpan Duration { get; internal init; }

    /// <summary>The largest memory of this process so far, with a step at its peak.</summary>
    public long PeakMemoryBytes { get; internal init; }

    /// <summary>Most that checkpoints and the model will hold on disk at once.</summary>
    public long DiskBytes { get; internal init; }

    /// <summary>Weights of the model.</summary>
    public long ParameterCount { get; internal init; }
}
