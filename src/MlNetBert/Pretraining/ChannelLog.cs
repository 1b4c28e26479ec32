using System.Globalization;
using Microsoft.ML.Runtime;
using MlNetBert.Training;

namespace MlNetBert.Pretraining;

/// <summary>Writes the events of a run to ML.NET's log.</summary>
internal static class ChannelLog
{
    public static void Write(IChannel channel, TrainingProgress progress)
    {
        var text = Describe(progress);
        if (progress.Kind == TrainingEventKind.Warning)
            channel.Warning(MessageSensitivity.None, "{0}", text);
        else
            channel.Info(MessageSensitivity.None, "{0}", text);
    }

    private static string Describe(TrainingProgress progress) => progress.Kind switch
    {
        TrainingEventKind.Evaluation => string.Create(CultureInfo.InvariantCulture, $"step {progress.Step}: evaluation loss {Describe(progress.Evaluation!)}"),
        TrainingEventKind.Probe => string.Create(CultureInfo.InvariantCulture, $"step {progress.Step}: probe '{progress.Probe!.Name}', accuracy {progress.Probe.Accuracy:0.000}"),
        TrainingEventKind.Log => string.Create(
            CultureInfo.InvariantCulture,
            $"step {progress.Step}: loss {progress.Loss:0.0000}, learning rate {progress.LearningRate:0.######}, {progress.TokensPerSecond:0} tokens/s"),
        _ => progress.Message ?? "",
    };

    private static string Describe(EvaluationResult figures)
    {
        var classes = figures.Accuracy is null ? "" : string.Create(CultureInfo.InvariantCulture, $", perplexity {figures.Perplexity:0.00}, accuracy {figures.Accuracy:0.000}");
        var others = figures.Metrics?.Select(m => string.Create(CultureInfo.InvariantCulture, $", {m.Key} {m.Value:0.000}")) ?? [];
        return string.Create(CultureInfo.InvariantCulture, $"{figures.Loss:0.0000}{classes}{string.Concat(others)}");
    }
}
