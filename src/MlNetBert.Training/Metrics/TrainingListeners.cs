namespace MlNetBert.Training.Metrics;

/// <summary>Hands every event to several listeners, in order.</summary>
internal sealed class TrainingListeners : IProgress<TrainingProgress>
{
    private readonly IProgress<TrainingProgress>[] _listeners;

    /// <summary>Joins listeners.</summary>
    /// <param name="listeners">The listeners; those that are null are left out.</param>
    public TrainingListeners(params IEnumerable<IProgress<TrainingProgress>?> listeners) =>
        _listeners = [.. listeners.OfType<IProgress<TrainingProgress>>()];

    /// <summary>Hands an event on.</summary>
    /// <param name="value">The event.</param>
    public void Report(TrainingProgress value)
    {
        foreach (var listener in _listeners)
            listener.Report(value);
    }
}
