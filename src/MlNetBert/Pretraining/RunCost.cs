using System.Diagnostics;
using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Loop;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining;

/// <summary>From measured steps to the cost of a run.</summary>
internal static class RunCost
{
    /// <summary>A backward pass costs about as much as two forward passes.</summary>
    private const double PassesOfAStep = 3;

    /// <summary>A checkpoint holds the weights and two moments; one more is written before an old one goes.</summary>
    private const int CopiesInCheckpoint = 3;

    /// <summary>Three thousand years: a longer run is told as this.</summary>
    private const double MostSeconds = 1e11;

    public static TrainingEstimate Of(
        nn.Module model,
        nn.Module network,
        StepClock clock,
        PretrainingOptions options,
        TrainingDefaults defaults,
        IBlockSource training,
        long? evaluation,
        TimeSpan probeTime)
    {
        var batchSize = options.BatchSize ?? defaults.BatchSize;
        var plan = new BatchPlan(training.Count, batchSize, defaults.Seed);
        var steps = plan.TotalSteps(options);
        var parameters = CountOf(network);
        var duration = steps is { } count
            ? TimeSpan.FromSeconds(
                Math.Min(MostSeconds,
                    (count * clock.StepTime.TotalSeconds) + Evaluations(count, plan, options, evaluation, batchSize, clock.StepTime)
                        + Probes(count, plan, options, probeTime)))
            : options.TimeBudget!.Value;
        var weights = parameters * sizeof(float);
        // What is trained with the network is in the checkpoints, too.
        var checkpoints =
            options.CheckpointDirectory is null ? 0 : (options.MaxCheckpoints + 2L) * CopiesInCheckpoint * CountOf(model) * sizeof(float);
        using var process = Process.GetCurrentProcess();
        return new TrainingEstimate(steps, clock.StepTime, clock.TokensPerSecond, duration, process.PeakWorkingSet64, checkpoints + weights,
            parameters);
    }

    private static long CountOf(nn.Module module) =>
        LanguageModelModule.TrainableParametersOf(module).Sum(parameter => parameter.Parameter.numel());

    /// <summary>In seconds: at the intervals and at the end; before the first step too, where no interval is given.</summary>
    private static double Evaluations(long steps, BatchPlan plan, TrainingOptions options, long? evaluation, int batchSize,
        TimeSpan stepTime)
    {
        if (evaluation is not { } examples)
            return 0;
        var times = Intervals(steps, options.EvaluateEveryNSteps ?? plan.StepsPerEpoch) + (options.EvaluateEveryNSteps is null ? 1 : 0);
        var passes = PassesOfAStep + (options.ActivationCheckpointing ? 1 : 0);
        return times * ((double)examples / batchSize) / passes * stepTime.TotalSeconds;
    }

    /// <summary>In seconds: before the first step, at the intervals and at the end.</summary>
    private static double Probes(long steps, BatchPlan plan, PretrainingOptions options, TimeSpan once) =>
        (1 + Intervals(steps, options.ProbeEveryNSteps ?? options.EvaluateEveryNSteps ?? plan.StepsPerEpoch)) * once.TotalSeconds;

    private static long Intervals(long steps, long every) => (steps + every - 1) / every;
}
