using System.Globalization;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Training.Loop;

/// <summary>The settings of a run that its weights depend on, as a checkpoint records them.</summary>
internal static class RunSettings
{
    /// <summary>Under which name the number of threads is recorded.</summary>
    public const string Threads = "threads";

    /// <summary>Under which name the device is recorded.</summary>
    public const string Device = "device";

    /// <summary>Under which name it is recorded what dropout follows from; checkpoints of earlier versions have none.</summary>
    public const string Dropout = "dropout";

    public static RunDescription Describe(
        RunDescription? data, TrainingOptions options, BatchPlan plan, long seed, double learningRate, double warmup, long? totalSteps)
    {
        static string Text<T>(T? value) => value is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{value}");
        return (data ?? new RunDescription([])).With(
        [
            new("seed", Text<long>(seed)),
            new("examples", Text<long>(plan.Examples)),
            new("batch size", Text<int>(plan.BatchSize)),
            new("total steps", totalSteps is null ? "none" : Text<long>(totalSteps.Value)),
            new("time budget", options.TimeBudget is null ? "none" : Text<TimeSpan>(options.TimeBudget.Value)),
            new("learning rate", Text<double>(learningRate)),
            new("warm-up", options.WarmupSteps is { } steps ? Text<int>(steps) : warmup < 1 ? Text<double>(warmup) : "the whole run"),
            new("schedule", options.LearningRateSchedule.ToString()),
            new("weight decay", Text<double>(options.WeightDecay)),
            new("betas", $"{Text<double>(options.Beta1)}, {Text<double>(options.Beta2)}"),
            new("epsilon", Text<double>(options.Epsilon)),
            new("clipping", Text<double>(options.ClipNorm)),
            new("layer decay", Text<double>(options.LayerwiseLearningRateDecay)),
            new("frozen layers", options.FrozenLevel is { } level ? Text<int>(level) : "none"),
            new("activation checkpointing", options.ActivationCheckpointing.ToString()),
            new("patience", options.Patience is null ? "none" : Text<int>(options.Patience.Value)),
            new("keep best", options.RestoreBestWeights.ToString()),
            new(Dropout, "by the place in the step"),
        ]);
    }
}
