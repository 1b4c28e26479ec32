using System.Globalization;
using Microsoft.ML.Runtime;

namespace MlNetBert.Runs;

/// <summary>Writes the events of a run to ML.NET's log.</summary>
internal sealed class ChannelLog(IChannel channel) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        var text = Describe(value);
        if (value.Kind == TrainingProgressKind.Warning)
            channel.Warning(MessageSensitivity.None, "{0}", text);
        else
            channel.Info(MessageSensitivity.None, "{0}", text);
    }

    private static string Describe(TrainingProgress progress) => progress.Kind switch
    {
        TrainingProgressKind.Evaluation =>
            string.Create(CultureInfo.InvariantCulture, $"step {progress.Step}: evaluation, {progress.Evaluation}"),
        TrainingProgressKind.Probe => string.Create(CultureInfo.InvariantCulture,
            $"step {progress.Step}: probe '{progress.Probe!.Name}', accuracy {progress.Probe.Accuracy:0.000}"),
        TrainingProgressKind.Log => string.Create(
            CultureInfo.InvariantCulture,
            $"step {progress.Step}: loss {progress.Loss:0.0000}, learning rate {progress.LearningRate:0.######}, "
                + $"{progress.TokensPerSecond:0} tokens/s"),
        _ => progress.Message ?? "",
    };
}
