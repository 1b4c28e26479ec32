using MlNetBert.Training;

namespace MlNetBert.Pretraining;

/// <summary>Takes the pace of a run that logs every step; the first steps, which are slow, are left out.</summary>
internal sealed class StepClock(int warmUp) : IProgress<TrainingProgress>
{
    private readonly List<(TimeSpan Time, double TokensPerSecond)> _steps = [];
    private TimeSpan _last;

    public TimeSpan StepTime => Median(_steps.Skip(warmUp).Select(s => s.Time));

    public double TokensPerSecond => Median(_steps.Skip(warmUp).Select(s => s.TokensPerSecond));

    public void Report(TrainingProgress value)
    {
        if (value.Kind != TrainingEventKind.Log)
            return;
        _steps.Add((value.Elapsed - _last, value.TokensPerSecond!.Value));
        _last = value.Elapsed;
    }

    private static T Median<T>(IEnumerable<T> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
