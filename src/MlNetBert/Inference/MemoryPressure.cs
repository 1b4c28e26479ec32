namespace MlNetBert.Inference;

/// <summary>
/// Tells the garbage collector of native memory, so that what nobody disposed of is collected before it fills the machine.
/// </summary>
internal sealed class MemoryPressure : IDisposable
{
    private long _bytes;

    public MemoryPressure(long bytes)
    {
        _bytes = bytes;
        if (bytes > 0)
            GC.AddMemoryPressure(bytes);
    }

#pragma warning disable MA0055 // for models that nobody disposed of
    ~MemoryPressure() => Release();
#pragma warning restore MA0055

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _bytes, 0) is > 0 and var bytes)
            GC.RemoveMemoryPressure(bytes);
    }
}
