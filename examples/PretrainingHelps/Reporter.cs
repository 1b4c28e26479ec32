using MlNetBert;

namespace PretrainingHelps;

/// <summary>Writes how pretraining goes to standard error.</summary>
internal sealed class Reporter : IProgress<TrainingProgress>, IProgress<string>
{
    public void Report(string value) => Console.Error.WriteLine("  " + value);

    public void Report(TrainingProgress value)
    {
        if (value.Kind == TrainingProgressKind.Log)
            Console.Error.WriteLine(FormattableString.Invariant($"  step {value.Step} of {value.TotalSteps}: loss {value.Loss:0.000}, {value.TokensPerSecond:#,0} tokens/s, {value.Remaining?.TotalSeconds:#,0} s left"));
        else if (value.Kind == TrainingProgressKind.Probe)
            Console.Error.WriteLine(FormattableString.Invariant($"  step {value.Step} of {value.TotalSteps}: a linear classifier on its vectors is right on {value.Probe!.Accuracy:0.0 %} of the rows kept back"));
        else if (value.Kind == TrainingProgressKind.Warning)
            Console.Error.WriteLine("  " + value.Message);
    }
}
