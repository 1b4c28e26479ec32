namespace MlNetBert;

/// <summary>The kinds of <see cref="TrainingProgress"/>.</summary>
public enum TrainingProgressKind
{
    /// <summary>Loss, learning rate and speed, every <see cref="TrainingOptions.LogEveryNSteps"/> steps and at the last one.</summary>
    Log,

    /// <summary>Figures on held-out data.</summary>
    Evaluation,

    /// <summary>A figure of a probe: what the model is good for so far.</summary>
    Probe,

    /// <summary>The run goes on from a checkpoint; steps after <see cref="TrainingProgress.Step"/> are made again.</summary>
    Resumed,

    /// <summary>A checkpoint is being written.</summary>
    Checkpoint,

    /// <summary>Something the user should know of; the run goes on.</summary>
    Warning,

    /// <summary>The run begins or goes on, and says with how many threads it computes where nobody set them.</summary>
    Started,
}
