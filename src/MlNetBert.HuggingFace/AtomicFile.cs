using System.Text;

namespace MlNetBert.HuggingFace;

/// <summary>
/// Writes a file whole or not at all: to a temporary sibling, which is made durable and then renamed over the old file. A crash at any
/// moment leaves the old file or the new one, never a part.
/// </summary>
internal static class AtomicFile
{
    /// <summary>
    /// How the temporary siblings begin, in case a crash left one behind: it can be deleted, and the next write to the same directory does
    /// so.
    /// </summary>
    public const string TemporaryPrefix = ".mlnetbert-";

    /// <summary>Writes a file by a callback. Missing parent directories are created.</summary>
    /// <param name="path">Where the file shall stand. A symbolic link there is replaced, not followed.</param>
    /// <param name="write">Writes the content; the stream can seek.</param>
    /// <exception cref="IOException">The disk is full, the place is read-only, …; what was there before is whole.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        (string target, string parent) = PlaceOf(path);
        string temporary = Path.Combine(parent, Leftovers.NewName());
        try
        {
            Directory.CreateDirectory(parent);
            Leftovers.Remove(parent);
            // Held, with a lock of ours, until it has its name: see Leftovers.
            const FileShare Share = FileShare.Delete | FileShare.ReadWrite;
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, Share, bufferSize: 1 << 16))
            {
                Leftovers.Hold(stream.SafeFileHandle);
                write(stream);
                stream.Flush(flushToDisk: true);
                File.Move(temporary, target, overwrite: true);
            }
            FileSync.FlushDirectory(parent);
        }
        catch (Exception exception)
        {
            DeleteQuietly(temporary);
            if (Explain(target, exception) is { } explained)
                throw explained;
            throw;
        }
    }

    /// <summary>Makes sure, before any work, that a file can be written. Missing parent directories are created.</summary>
    /// <param name="path">Where the file shall stand.</param>
    /// <exception cref="IOException">It cannot.</exception>
    internal static void RequireWritable(string path)
    {
        (string target, string parent) = PlaceOf(path);
        try
        {
            Directory.CreateDirectory(parent);
            using var probe =
                new FileStream(Path.Combine(parent, Leftovers.NewName()), FileMode.CreateNew, FileAccess.Write, FileShare.Delete, 1,
                    FileOptions.DeleteOnClose);
        }
        catch (Exception exception)
        {
            if (Explain(target, exception) is { } explained)
                throw explained;
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte-order mark.</summary>
    /// <param name="path">Where the file shall stand.</param>
    /// <param name="text">The content; unpaired surrogates are refused.</param>
    /// <exception cref="IOException">The disk is full, the place is read-only, …; what was there before is whole.</exception>
    /// <exception cref="EncoderFallbackException">The text holds an unpaired surrogate.</exception>
    public static void WriteAllText(string path, string text)
    {
        byte[] bytes = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetBytes(text);
        Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="path">Where the file shall stand.</param>
    /// <param name="bytes">The content.</param>
    /// <exception cref="IOException">The disk is full, the place is read-only, …; what was there before is whole.</exception>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));

    /// <summary>The system's complaint with the path and the good news, or null for an exception of another kind.</summary>
    internal static IOException? Explain(string target, Exception exception)
    {
        bool system = exception is UnauthorizedAccessException
            || exception.GetType() == typeof(IOException)
            || exception is DirectoryNotFoundException or PathTooLongException or DriveNotFoundException;
        if (!system)
            return null;
        string message = $"Could not write {target}: {exception.Message} What was there before is untouched; free space, "
            + "check the permissions or choose another place, and write again.";
        return new IOException(message, exception)
        {
            HResult = exception.HResult,
        };
    }

    private static (string Target, string Parent) PlaceOf(string path)
    {
        string target = Path.GetFullPath(path);
        if (Directory.Exists(target) && new DirectoryInfo(target).LinkTarget is null)
            throw new IOException($"Could not write {target}: a directory of that name is there. Choose another name or remove it.");
        return (target, Path.GetDirectoryName(target) ?? throw new IOException($"Could not write {target}: it has no parent directory."));
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to tell of.
        }
    }
}
