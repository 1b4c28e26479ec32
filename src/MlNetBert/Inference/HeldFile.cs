using Microsoft.Win32.SafeHandles;

namespace MlNetBert.Inference;

/// <summary>
/// A file of a model directory as it was when the model was opened: held open, so that the model can be saved again byte for byte even where the
/// directory is gone by then.
/// </summary>
internal sealed class HeldFile : IDisposable
{
    private readonly byte[]? _bytes;
    private readonly SafeFileHandle? _handle;

    private HeldFile(string name, byte[]? bytes, SafeFileHandle? handle)
    {
        Name = name;
        _bytes = bytes;
        _handle = handle;
    }

    /// <summary>Path relative to the model directory, with forward slashes.</summary>
    public string Name { get; }

    /// <summary>Holds a file of a directory; a temporary directory's on Windows is read, because it could not be deleted otherwise.</summary>
    public static HeldFile Open(string directory, string name, bool temporary)
    {
        var path = Path.Combine(directory, name.Replace('/', Path.DirectorySeparatorChar));
        return temporary && OperatingSystem.IsWindows()
            ? new HeldFile(name, File.ReadAllBytes(path), null)
            : new HeldFile(name, null, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));
    }

    /// <summary>Writes the file into another directory.</summary>
    public void CopyTo(string directory)
    {
        var path = Path.Combine(directory, Name.Replace('/', Path.DirectorySeparatorChar));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        if (_bytes is not null)
        {
            target.Write(_bytes);
            return;
        }

        var buffer = new byte[1 << 20];
        long offset = 0;
        for (int read; (read = RandomAccess.Read(_handle!, buffer, offset)) > 0; offset += read)
            target.Write(buffer, 0, read);
    }

    public void Dispose() => _handle?.Dispose();
}
