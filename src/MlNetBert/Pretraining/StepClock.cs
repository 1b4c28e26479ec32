namespace MlNetBert.Pretraining;

/// <summary>Takes the pace of a run from its log events; the first steps, which are slow, are left out.</summary>
internal sealed class StepClock(int warmUp) : IProgress<TrainingProgress>
{
    private readonly List<(long Step, TimeSpan Time, double TokensPerSecond)> _events = [];
    private (long Step, TimeSpan Elapsed) _last;

    /// <summary>Median time of a step.</summary>
    public TimeSpan StepTime => Median(Timed.Select(e => e.Time));

    public double TokensPerSecond => Median(Timed.Select(e => e.TokensPerSecond));

    private IEnumerable<(long Step, TimeSpan Time, double TokensPerSecond)> Timed => _events.Where(e => e.Step > warmUp);

    public void Report(TrainingProgress value)
    {
        if (value.Kind != TrainingProgressKind.Log)
            return;
        _events.Add((value.Step, (value.Elapsed - _last.Elapsed) / (value.Step - _last.Step), value.TokensPerSecond!.Value));
        _last = (value.Step, value.Elapsed);
    }

    private static T Median<T>(IEnumerable<T> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
