using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace MlNetBert.HuggingFace;

/// <summary>
/// Temporary files and directories of writers that were killed. A writer holds a lock on what it makes, which the kernel releases when it
/// dies: what can be locked is nobody's any more. Where there are no such locks (Windows, some network file systems), names tell the
/// machine and the process, and only what a dead process of this machine left is taken away.
/// </summary>
internal static class Leftovers
{
    private const string Suffix = ".tmp";

    /// <summary>Names of builds that held no lock have a number and nothing else; they are left for a day.</summary>
    private static readonly TimeSpan Unheld = TimeSpan.FromDays(1);

    /// <summary>What stands for this machine in a name: a host's own name may hold anything, and is nobody's business.</summary>
    private static readonly string Machine = FormattableString.Invariant($"{Fold(Environment.MachineName):x8}");

    /// <summary>A name for a temporary file or directory of this process.</summary>
    public static string NewName() => string.Create(CultureInfo.InvariantCulture,
        $"{AtomicFile.TemporaryPrefix}{Machine}-{Environment.ProcessId}-{Guid.NewGuid():N}{Suffix}");

    /// <summary>Holds what was just made until the handle is closed. Whether it worked does not matter to the writer.</summary>
    public static LockOutcome Hold(SafeFileHandle handle) => OperatingSystem.IsWindows() ? LockOutcome.Unknown : FileSync.TryLock(handle);

    /// <summary>Takes away what dead writers left in a directory; what cannot be taken away stays.</summary>
    public static void Remove(string directory)
    {
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(directory, AtomicFile.TemporaryPrefix + "*" + Suffix).ToList())
            {
                if (new FileInfo(path).LinkTarget is null)
                    RemoveIfDead(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another writer was faster, or it is somebody else's.
        }
    }

    private static void RemoveIfDead(string path)
    {
        bool isNamed = Path.GetFileNameWithoutExtension(path)[AtomicFile.TemporaryPrefix.Length..].Split('-') is [_, var process, _]
            && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out _);
        if (!isNamed && DateTime.UtcNow - File.GetLastWriteTimeUtc(path) < Unheld)
            return;
        if (OperatingSystem.IsWindows())
        {
            if (isNamed && IsOfADeadProcess(path))
                Delete(path);
            return;
        }

        using var handle = FileSync.OpenFile(path, write: false);
        var outcome = FileSync.TryLock(handle);
        if (outcome == LockOutcome.Taken || (outcome == LockOutcome.Unknown && isNamed && IsOfADeadProcess(path)))
            Delete(path);
    }

    private static bool IsOfADeadProcess(string path)
    {
        string[] parts = Path.GetFileNameWithoutExtension(path)[AtomicFile.TemporaryPrefix.Length..].Split('-');
        if (parts[0] != Machine)
            return false;
        try
        {
            using var process = Process.GetProcessById(int.Parse(parts[1], CultureInfo.InvariantCulture));
            return process.HasExited;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return true;
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    private static uint Fold(string text) => text.Aggregate(2166136261, (hash, letter) => (hash ^ letter) * 16777619);
}
