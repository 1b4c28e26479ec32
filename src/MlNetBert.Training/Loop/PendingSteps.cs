namespace MlNetBert.Training.Loop;

/// <summary>Steps whose figures nobody has asked for yet, oldest first.</summary>
internal sealed class PendingSteps : IDisposable
{
    private readonly Queue<PendingStep> _steps = [];

    public int Count => _steps.Count;

    public PendingStep Oldest => _steps.Peek();

    public PendingStep Newest => _steps.Last();

    public void Enqueue(PendingStep step) => _steps.Enqueue(step);

    public PendingStep Dequeue() => _steps.Dequeue();

    /// <summary>Frees what is left: of a run that ended with an exception.</summary>
    public void Dispose()
    {
        while (_steps.TryDequeue(out var step))
            step.Dispose();
    }
}
