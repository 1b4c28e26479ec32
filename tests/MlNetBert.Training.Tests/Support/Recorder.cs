namespace MlNetBert.Training.Tests.Support;

/// <summary>Keeps every event, on the thread that reports it.</summary>
internal sealed class Recorder(Action<TrainingProgress>? also = null) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> Events { get; } = [];

    public IEnumerable<TrainingProgress> Logs => Events.Where(e => e.Kind == TrainingProgressKind.Log);

    public void Report(TrainingProgress value)
    {
        Events.Add(value);
        also?.Invoke(value);
    }
}
