using Microsoft.Win32.SafeHandles;

namespace MlNetBert.HuggingFace;

/// <summary>
/// A file held open with an exclusive lock, which the system releases when the process ends, however it ends. It keeps out whoever takes it
/// too, in this process or another, whatever DOTNET_SYSTEM_IO_DISABLEFILELOCKING says; it does not keep anyone from reading the file.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);

    private readonly FileStream _stream;

    private FileLock(FileStream stream, bool isEnforced)
    {
        _stream = stream;
        IsEnforced = isEnforced;
    }

    /// <summary>Whether the file system keeps others out; some network file systems know no locks, and then nobody is kept out.</summary>
    public bool IsEnforced { get; }

    /// <summary>Takes the lock of a file, which is made where it is not there.</summary>
    /// <param name="path">The file. It must stay there: of a file that is deleted, another can be made and locked.</param>
    /// <returns>The lock; null where somebody else holds it.</returns>
    /// <exception cref="IOException">The file cannot be made or opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made or written.</exception>
    public static FileLock? TryTake(string path) => TryTake(path, FileSync.TryLock);

    internal static FileLock? TryTake(string path, Func<SafeFileHandle, LockOutcome> take)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (OperatingSystem.IsWindows())
        {
            try
            {
                // A second writer is refused by the share itself, and readers come in.
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read), isEnforced: true);
            }
            catch (IOException exception) when (exception.HResult is SharingViolation or LockViolation)
            {
                return null;
            }
        }

        Make(path);
        var handle = FileSync.OpenFile(path, write: true);
        try
        {
            var outcome = take(handle);
            if (outcome != LockOutcome.Held)
                return new FileLock(new FileStream(handle, FileAccess.ReadWrite), outcome == LockOutcome.Taken);
            handle.Dispose();
            return null;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>What a locked or free file holds.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its bytes; of one that is being written, perhaps a part.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static byte[] Read(string path)
    {
        using var stream = OperatingSystem.IsWindows()
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
            : new FileStream(FileSync.OpenFile(path, write: false), FileAccess.Read); // the base library would want a lock for itself
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Writes the content of the locked file anew.</summary>
    /// <param name="content">The content.</param>
    /// <exception cref="IOException">The disk is full, ….</exception>
    public void Write(ReadOnlySpan<byte> content)
    {
        _stream.Position = 0;
        _stream.Write(content);
        _stream.SetLength(content.Length);
        _stream.Flush(flushToDisk: true);
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => _stream.Dispose();

    private static void Make(string path)
    {
        if (File.Exists(path))
            return;
        try
        {
            new FileStream(path, FileMode.CreateNew, FileAccess.Write).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Somebody else was faster.
        }
    }
}
