namespace MlNetBert.Training.Loop;

/// <summary>Makes the batch of the next step while this one is computed.</summary>
/// <typeparam name="T">The batch.</typeparam>
internal sealed class Prefetcher<T> : IDisposable
{
    private readonly Func<long, T> _make;
    private long _pending;
    private Task<T> _next;

    public Prefetcher(Func<long, T> make, long first)
    {
        _make = make;
        _pending = first;
        _next = Start(first);
    }

    /// <summary>The batch of a step; the one after it is begun.</summary>
    public T Take(long step)
    {
        if (_pending != step)
            _next = Start(step);
        var batch = _next.GetAwaiter().GetResult();
        _pending = step + 1;
        _next = Start(_pending);
        return batch;
    }

    /// <summary>The batch of the step that is prepared already, or is now; no other is begun.</summary>
    public T Peek(long step)
    {
        if (_pending != step)
            (_pending, _next) = (step, Start(step));
        return _next.GetAwaiter().GetResult();
    }

    /// <summary>Waits for the batch under way, so that its source may be closed.</summary>
    public void Dispose() => _next.ContinueWith(_ => { }, TaskScheduler.Default).Wait();

    private Task<T> Start(long step) => Task.Run(() => _make(step));
}
