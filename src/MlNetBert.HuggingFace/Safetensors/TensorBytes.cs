namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>The bytes of a safetensors file, in a file or in memory. Thread-safe.</summary>
internal abstract class TensorBytes : IDisposable
{
    public abstract long Length { get; }

    /// <summary>The bytes; <see cref="ObjectDisposedException"/> after Dispose.</summary>
    public abstract ReadOnlySpan<byte> Slice(long offset, int length);

    /// <summary>The bytes by an address that is valid until the release; <see cref="ObjectDisposedException"/> after Dispose.</summary>
    public abstract PinnedTensor Pin(long offset, long length);

    /// <summary>The bytes as a stream that is valid until it is disposed of; <see cref="ObjectDisposedException"/> after Dispose.</summary>
    public abstract Stream OpenRead(long offset, long length);

    public abstract void Dispose();
}

/// <summary>Bytes that are in memory already, such as an entry of a zip.</summary>
internal sealed unsafe class ManagedTensorBytes(ReadOnlyMemory<byte> memory) : TensorBytes
{
    private int _disposed;

    public override long Length => memory.Length;

    public override ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(SafetensorsFile));
        return memory.Span.Slice((int)offset, length);
    }

    public override PinnedTensor Pin(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(SafetensorsFile));
        var handle = memory.Slice((int)offset, (int)length).Pin();
        return new PinnedTensor((nint)handle.Pointer, length, handle.Dispose);
    }

    public override Stream OpenRead(long offset, long length) => new PinnedTensorStream(Pin(offset, length));

    public override void Dispose() => Volatile.Write(ref _disposed, 1);
}
