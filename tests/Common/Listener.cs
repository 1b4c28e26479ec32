namespace MlNetBert.Tests.Common;

/// <summary>Does something with every event of a run, on the thread that reports it.</summary>
internal sealed class Listener(Action<TrainingProgress> report) : IProgress<TrainingProgress>
{
    /// <summary>Does something when a step is logged.</summary>
    public static Listener AtLog(long step, Action act) => new(e =>
    {
        if (e.Kind == TrainingProgressKind.Log && e.Step == step)
            act();
    });

    public void Report(TrainingProgress value) => report(value);
}
