namespace MlNetBert.Tests.Common;

/// <summary>Does something with every event of a run, on the thread that reports it.</summary>
internal sealed class Listener(Action<TrainingProgress> report) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => report(value);
}
