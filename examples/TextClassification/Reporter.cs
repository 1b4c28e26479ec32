using MlNetBert;

namespace TextClassification;

/// <summary>Writes the losses of a run to standard error.</summary>
internal sealed class Reporter : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Kind == TrainingProgressKind.Log)
            Console.Error.WriteLine(FormattableString.Invariant($"  step {value.Step} of {value.TotalSteps}: loss {value.Loss:0.000}, {value.TokensPerSecond:0} tokens/s, {value.Remaining?.TotalSeconds:0} s left"));
        else if (value.Kind == TrainingProgressKind.Warning)
            Console.Error.WriteLine("  " + value.Message);
    }
}
