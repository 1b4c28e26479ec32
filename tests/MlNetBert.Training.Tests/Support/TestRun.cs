using MlNetBert.HuggingFace;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Distributed;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Training.Tests.Support;

/// <summary>Options without a task of their own.</summary>
internal sealed record TestOptions : TrainingOptions
{
    public TestOptions() => Resume = true;

    public void Check()
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults.ThrowIfAny(nameof(TestOptions));
    }
}

/// <summary>What a run of the tests has where its options say nothing.</summary>
internal static class TestRun
{
    public static TrainingDefaults Defaults { get; } = new(BatchSize: 4, LearningRate: 0.05, WarmupRatio: 0, Seed: 7);

    public static TrainingLoop Loop(
        Objective objective,
        HeldOutEvaluation? evaluation,
        TrainingOptions options,
        TrainingDefaults? defaults = null,
        RunDescription? data = null,
        TrainingCheckpoints? checkpoints = null,
        TimeProvider? time = null,
        TrainingProbes? probes = null,
        ICollective? collective = null,
        int? stepsAhead = null) =>
        new(objective, new TrainingLoopOptions
        {
            Training = options,
            Defaults = defaults ?? Defaults,
            Evaluation = evaluation,
            Data = data,
            Checkpoints = checkpoints,
            Time = time ?? TimeProvider.System,
            Probes = probes,
            Collective = collective ?? SingleProcess.Instance,
            StepsAhead = stepsAhead,
        });
}
