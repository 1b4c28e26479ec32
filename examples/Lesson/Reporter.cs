using System.Globalization;
using MlNetBert;

namespace Lesson;

/// <summary>Prints what the training reports.</summary>
public sealed class Reporter : IProgress<TrainingProgress>
{
    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Console.WriteLine(value.Kind switch
        {
            TrainingProgressKind.Log => string.Create(
                CultureInfo.InvariantCulture,
                $"step {value.Step} of {value.TotalSteps}: loss {value.Loss:0.0000}, learning rate {value.LearningRate:0.00E+0}, {value.TokensPerSecond:N0} tokens/s, {value.Remaining:mm\\:ss} left"),
            TrainingProgressKind.Evaluation => string.Create(
                CultureInfo.InvariantCulture,
                $"step {value.Step}: evaluation loss {value.Evaluation!.Loss:0.0000}, perplexity {value.Evaluation.Perplexity:0.0}, masked accuracy {value.Evaluation.Accuracy:P1}"),
            _ => value.Message ?? "",
        });
    }
}
