using System.IO.MemoryMappedFiles;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>The bytes of a safetensors file, mapped or in memory. Thread-safe.</summary>
internal abstract class TensorBytes : IDisposable
{
    public abstract long Length { get; }

    /// <summary>The bytes as they lie; <see cref="ObjectDisposedException"/> after Dispose.</summary>
    public abstract ReadOnlySpan<byte> Slice(long offset, int length);

    /// <summary>The address, kept valid until the release; <see cref="ObjectDisposedException"/> after Dispose.</summary>
    public abstract PinnedTensor Pin(long offset, long length);

    public abstract void Dispose();
}

/// <summary>Bytes by a memory map: nothing is read before it is looked at.</summary>
internal sealed unsafe class MappedTensorBytes : TensorBytes
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private int _disposed;

    public MappedTensorBytes(FileStream stream)
    {
        Length = stream.Length;
        _file = MemoryMappedFile.CreateFromFile(stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        // This reference is given back by Dispose alone: a file that is forgotten keeps its map, and a span over it never dangles.
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + _view.PointerOffset;
    }

    public override long Length { get; }

    public override ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(SafetensorsFile));
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    public override PinnedTensor Pin(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(SafetensorsFile));
        var handle = _view.SafeMemoryMappedViewHandle;
        bool added = false;
        handle.DangerousAddRef(ref added); // throws if Dispose came in between
        return new PinnedTensor((nint)(_start + offset), length, handle.DangerousRelease);
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
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

    public override void Dispose() => Volatile.Write(ref _disposed, 1);
}
