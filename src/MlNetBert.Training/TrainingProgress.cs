namespace MlNetBert;

/// <summary>One event of a run, as every listener gets it: a progress bar, a metrics file, <see cref="TrainingHistory"/>.</summary>
public sealed record TrainingProgress
{
    /// <summary>What happened.</summary>
    public required TrainingProgressKind Kind { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Steps of the whole run; null where a time budget ends it.</summary>
    public required long? TotalSteps { get; init; }

    /// <summary>Epochs done, with the part of the current one.</summary>
    public required double Epoch { get; init; }

    /// <summary>Time since the run began; over all its parts where it was resumed.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Estimated time left; null before the first step.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Mean training loss per target since the last log event, natural logarithm; of log events.</summary>
    public double? Loss { get; init; }

    /// <summary>The learning rate of the last step; of log events.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The 2-norm of the last step's gradients before clipping; of log events.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Tokens trained on per second since the last log event, evaluations left out; of log events.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>The figures; of evaluation events.</summary>
    public EvaluationResult? Evaluation { get; init; }

    /// <summary>The figure; of probe events.</summary>
    public ProbeResult? Probe { get; init; }

    /// <summary>What the run reported before; of a resumed run's first event.</summary>
    public TrainingHistory? History { get; init; }

    /// <summary>The text: of warnings; of checkpoints and resumed runs, the checkpoint's path.</summary>
    public string? Message { get; init; }
}
