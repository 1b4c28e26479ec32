using System.Diagnostics;
using MlNetBert.Text.Blocks;
using MlNetBert.Training;
using MlNetBert.Training.Loop;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining;

/// <summary>From measured steps to the cost of a run.</summary>
internal static class RunCost
{
    /// <summary>A forward pass is about a third of a step, whose backward pass costs twice as much.</summary>
    private const double ForwardShare = 1.0 / 3;

    /// <summary>A checkpoint holds the weights and two moments; one more is written before an old one goes.</summary>
    private const int CopiesInCheckpoint = 3;

    public static TrainingCost Of(
        nn.Module network, StepClock clock, MlmOptions options, TrainingDefaults defaults, IBlockSource training, IBlockSource? evaluation, TimeSpan probeTime)
    {
        var batchSize = options.BatchSize ?? defaults.BatchSize;
        var plan = new BatchPlan(training.Count, batchSize, defaults.Seed);
        long? steps = options.MaxSteps ?? (options.MaxTime is null ? options.Epochs * plan.StepsPerEpoch : null);
        var parameters = network.parameters().Sum(p => p.numel());
        var duration = steps is { } count
            ? (count * clock.StepTime) + Evaluations(count, plan, options, evaluation, batchSize, clock.StepTime) + (ProbeRounds(count, plan, options) * probeTime)
            : options.MaxTime!.Value;
        var weights = parameters * sizeof(float);
        var checkpoints = options.CheckpointDirectory is null ? 0 : (options.Keep + 2L) * CopiesInCheckpoint * weights;
        using var process = Process.GetCurrentProcess();
        return new TrainingCost(steps, clock.StepTime, clock.TokensPerSecond, duration, process.PeakWorkingSet64, checkpoints + weights, parameters);
    }

    /// <summary>Probes are asked before the first step, at their intervals, and at the end.</summary>
    private static long ProbeRounds(long steps, BatchPlan plan, MlmOptions options)
    {
        var every = options.ProbeEvery ?? options.EvaluateEvery ?? plan.StepsPerEpoch;
        return 1 + (steps / every) + (steps % every == 0 ? 0 : 1);
    }

    private static TimeSpan Evaluations(long steps, BatchPlan plan, TrainingOptions options, IBlockSource? evaluation, int batchSize, TimeSpan stepTime)
    {
        if (evaluation is null)
            return TimeSpan.Zero;
        var times = options.EvaluateEvery is { } every ? steps / every : 1 + (steps / plan.StepsPerEpoch);
        return times * ((double)evaluation.Count / batchSize) * ForwardShare * stepTime;
    }
}
