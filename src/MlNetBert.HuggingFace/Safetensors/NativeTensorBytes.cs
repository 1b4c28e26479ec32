using System.Runtime.InteropServices;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>Bytes in memory of their own, of any length; they are written once, before anything is read.</summary>
internal sealed unsafe class NativeTensorBytes : TensorBytes
{
    private readonly Memory _memory;

    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    public NativeTensorBytes(long length)
    {
        Length = length;
        _memory = new Memory(length);
    }

    public override long Length { get; }

    /// <summary>A stream over all of it.</summary>
    public Stream OpenWrite() => new UnmanagedMemoryStream((byte*)_memory.DangerousGetHandle(), Length, Length, FileAccess.Write);

    public override ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_memory.IsClosed, typeof(SafetensorsFile));
        return new ReadOnlySpan<byte>((byte*)_memory.DangerousGetHandle() + offset, length);
    }

    public override PinnedTensor Pin(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_memory.IsClosed, typeof(SafetensorsFile));
        bool added = false;
        _memory.DangerousAddRef(ref added); // throws if Dispose came in between
        return new PinnedTensor((nint)((byte*)_memory.DangerousGetHandle() + offset), length, _memory.DangerousRelease);
    }

    public override Stream OpenRead(long offset, long length) => new PinnedTensorStream(Pin(offset, length));

    public override void Dispose() => _memory.Dispose();

    private sealed class Memory : SafeHandle
    {
        public Memory(long length)
            : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.Alloc((nuint)length));

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            NativeMemory.Free((void*)handle);
            return true;
        }
    }
}
