using MlNetBert.HuggingFace;
using MlNetBert.Training.Loop;

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
}
