namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>
/// The bytes of a tensor where they lie, for native code: the address stays valid until this is disposed, even when the file is disposed
/// before.
/// </summary>
internal sealed class PinnedTensor : IDisposable
{
    private Action? _release;

    internal PinnedTensor(nint address, long byteLength, Action release)
    {
        Address = address;
        ByteLength = byteLength;
        _release = release;
    }

    /// <summary>Where the bytes begin: read-only memory, little-endian values, row-major; writing to it ends the process.</summary>
    public nint Address { get; }

    /// <summary>How many bytes there are.</summary>
    public long ByteLength { get; }

    /// <summary>Lets go of the bytes.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
