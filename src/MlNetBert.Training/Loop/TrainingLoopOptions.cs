using MlNetBert.HuggingFace;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Distributed;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Training.Loop;

/// <summary>What a <see cref="TrainingLoop"/> is given beside its objective. Where a run has several ranks, each is given the same but for
/// <see cref="Collective"/>; the first alone writes checkpoints, reports and asks probes.</summary>
[Experimental("MLNETBERT001")]
public sealed record TrainingLoopOptions
{
    private readonly Aside<IProgress<TrainingProgress>?> _progress;

    /// <summary>Settings, validated by their owner.</summary>
    public required TrainingOptions Training { get; init; }

    /// <summary>What stands in for settings that are left open.</summary>
    public required TrainingDefaults Defaults { get; init; }

    /// <summary>Figures on held-out data.</summary>
    /// <value>Default null: none.</value>
    public HeldOutEvaluation? Evaluation { get; init; }

    /// <summary>What else is measured beside the loss.</summary>
    /// <value>Default null: nothing.</value>
    public TrainingProbes? Probes { get; init; }

    /// <summary>What the run trains on: fingerprints of data and vocabulary, the model, and the settings of the objective. The loop adds
    /// its own settings.</summary>
    /// <value>Default null: the loop's own settings alone.</value>
    public RunDescription? Data { get; init; }

    /// <summary>Where checkpoints go.</summary>
    /// <value>Default null: none are written.</value>
    public TrainingCheckpoints? Checkpoints { get; init; }

    /// <summary>Gets every event before <see cref="TrainingOptions.Progress"/> does, on the training thread.</summary>
    /// <value>Default null.</value>
    public IProgress<TrainingProgress>? Progress
    {
        get => _progress.Value;
        init => _progress = new(value);
    }

    /// <summary>The processes of the run.</summary>
    /// <value>Default <see cref="SingleProcess.Instance"/>.</value>
    public ICollective Collective { get; init; } = SingleProcess.Instance;

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The values, without what listens.</summary>
    /// <returns>Names and values.</returns>
    public override string ToString() => OptionsText.Of(this);

    /// <summary>The most steps that are begun before the figures of the ones before are awaited; then all are.</summary>
    /// <value>Default null: by the device.</value>
    internal int? StepsAhead { get; init; }
}
