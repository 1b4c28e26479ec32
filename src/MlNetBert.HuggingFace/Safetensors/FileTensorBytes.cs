using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>Bytes of a file, read when they are asked for. The file is closed with the last stream over it.</summary>
internal sealed unsafe class FileTensorBytes : TensorBytes
{
    private readonly SafeFileHandle _file;
    private readonly string _name;
    private readonly Lock _gate = new();
    private int _users = 1;
    private bool _disposed;

    public FileTensorBytes(SafeFileHandle file, string name)
    {
        _file = file;
        _name = name;
        Length = RandomAccess.GetLength(file);
    }

    public override long Length { get; }

    public override ReadOnlySpan<byte> Slice(long offset, int length)
    {
        Begin();
        try
        {
            var bytes = GC.AllocateUninitializedArray<byte>(length);
            Read(offset, bytes);
            return bytes;
        }
        finally
        {
            End();
        }
    }

    public override PinnedTensor Pin(long offset, long length)
    {
        Begin();
        var memory = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, length));
        try
        {
            for (long at = 0; at < length; at += 1 << 30)
                Read(offset + at, new Span<byte>(memory + at, (int)Math.Min(1 << 30, length - at)));
            return new PinnedTensor((nint)memory, length, () => NativeMemory.Free(memory));
        }
        catch
        {
            NativeMemory.Free(memory);
            throw;
        }
        finally
        {
            End();
        }
    }

    public override Stream OpenRead(long offset, long length)
    {
        Begin();
        return new FileTensorStream(this, offset, length);
    }

    public override void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        End();
    }

    /// <summary>Reads all of a span; used between <see cref="Begin"/> and <see cref="End"/>.</summary>
    /// <exception cref="SafetensorsFormatException">The file ends before.</exception>
    public void Read(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(_file, target, offset);
            if (read == 0)
                throw new SafetensorsFormatException(_name,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"was cut short while it was open: it had {Length} bytes, and has "
                            + $"{RandomAccess.GetLength(_file)}. Fetch or write it again."));
            target = target[read..];
            offset += read;
        }
    }

    /// <summary>One user of the file less.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (--_users == 0)
                _file.Dispose();
        }
    }

    private void Begin()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(SafetensorsFile));
            _users++;
        }
    }
}
