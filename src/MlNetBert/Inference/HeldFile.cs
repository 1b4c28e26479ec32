using Microsoft.Win32.SafeHandles;

namespace MlNetBert.Inference;

/// <summary>
/// A file of a model directory as it was when the model was opened: held open, so that the model can be saved again byte for byte even
/// where the directory is gone by then.
/// </summary>
internal sealed class HeldFile : IHeldFile
{
    private readonly SafeFileHandle _handle;

    private HeldFile(string name, SafeFileHandle handle)
    {
        Name = name;
        _handle = handle;
    }

    public string Name { get; }

    /// <summary>
    /// Holds a file of a directory; a temporary directory's on Windows is copied, because it could not be deleted otherwise.
    /// </summary>
    public static HeldFile Open(string directory, string name, bool temporary) =>
        Hold(directory, name, copies: temporary && OperatingSystem.IsWindows());

    /// <summary>Holds a file, or a copy of it that is gone with this object.</summary>
    internal static HeldFile Hold(string directory, string name, bool copies)
    {
        var path = Path.Combine(directory, name.Replace('/', Path.DirectorySeparatorChar));
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        if (!copies)
            return new HeldFile(name, handle);
        using (handle)
        {
            var copy = Path.Combine(Path.GetTempPath(), $"mlnetbert-{Guid.NewGuid():N}.tmp");
            var own = File.OpenHandle(copy, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete,
                FileOptions.DeleteOnClose);
            try
            {
                Copy(handle, (bytes, offset) => RandomAccess.Write(own, bytes.Span, offset));
                return new HeldFile(name, own);
            }
            catch
            {
                own.Dispose();
                throw;
            }
        }
    }

    public void CopyTo(string directory)
    {
        var path = Path.Combine(directory, Name.Replace('/', Path.DirectorySeparatorChar));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        Copy(_handle, (bytes, _) => target.Write(bytes.Span));
    }

    public void Dispose() => _handle.Dispose();

    private static void Copy(SafeFileHandle from, Action<ReadOnlyMemory<byte>, long> write)
    {
        var buffer = new byte[1 << 20];
        long offset = 0;
        for (int read; (read = RandomAccess.Read(from, buffer, offset)) > 0; offset += read)
            write(buffer.AsMemory(0, read), offset);
    }
}
