using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MlNetBert.HuggingFace;

/// <summary>
/// What the base library lacks for durable renames: fsync of a directory, the exchange of two names, and locks that die with their process.
/// </summary>
internal static partial class FileSync
{
    private const int OpenCloseOnExecLinux = 0x80000;
    private const int OpenCloseOnExecMac = 0x1000000;
    private const int OpenReadWrite = 2;
    private const int ErrorInvalid = 22;
    private const int ErrorPermission = 1;
    private const int ErrorAccess = 13;
    private const int ErrorReadOnly = 30;
    private const int CurrentDirectory = -100;
    private const int LockExclusiveWithoutWaiting = 2 | 4;
    private const int ErrorWouldBlockLinux = 11;
    private const int ErrorWouldBlockMac = 35;
    private const uint RenameExchange = 2;
    private const uint RenameSwapMac = 2;

    /// <summary>Makes the entries of a directory durable: fsync on Unix, nothing on Windows, whose file systems journal them.</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = Open(path, OperatingSystem.IsMacOS() ? OpenCloseOnExecMac : OpenCloseOnExecLinux);
        if (descriptor < 0)
            throw Failure($"Could not open the directory {path} to make it durable", Marshal.GetLastPInvokeError());
        try
        {
            // Some network file systems cannot fsync a directory and say EINVAL: there is nothing more to be done there.
            if (Sync(descriptor) != 0 && Marshal.GetLastPInvokeError() is var error && error != ErrorInvalid)
                throw Failure($"Could not make the directory {path} durable", error);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Makes a file's bytes durable.</summary>
    public static void FlushFile(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Makes everything below a directory, and the directory itself, durable.</summary>
    public static void FlushTree(string path)
    {
        foreach (string file in Directory.EnumerateFiles(path))
        {
            if (new FileInfo(file).LinkTarget is null)
                FlushFile(file);
        }
        foreach (string directory in Directory.EnumerateDirectories(path))
        {
            if (new DirectoryInfo(directory).LinkTarget is null)
                FlushTree(directory);
        }
        FlushDirectory(path);
    }

    /// <summary>Swaps two names in one step; false where the system or the file system cannot.</summary>
    public static bool TryExchange(string first, string second)
    {
        try
        {
            if (OperatingSystem.IsLinux())
                return RenameAt(CurrentDirectory, first, CurrentDirectory, second, RenameExchange) == 0;
            return OperatingSystem.IsMacOS() && RenameMac(first, second, RenameSwapMac) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // an older or another C library
        }
    }

    /// <summary>Opens a file or, for reading, a directory that is there, without the lock that the base library takes.</summary>
    public static SafeFileHandle OpenFile(string path, bool write)
    {
        int descriptor = Open(path, (OperatingSystem.IsMacOS() ? OpenCloseOnExecMac : OpenCloseOnExecLinux) | (write ? OpenReadWrite : 0));
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        var failure = Failure($"Could not open {path}", error);
        throw error is ErrorPermission or ErrorAccess
            or ErrorReadOnly ? new UnauthorizedAccessException(failure.Message, failure) : failure;
    }

    /// <summary>
    /// Takes the exclusive lock of an open file or directory; it goes when the last handle to this opening is closed, with the process at
    /// the latest.
    /// </summary>
    public static LockOutcome TryLock(SafeFileHandle file)
    {
        if (Lock(file, LockExclusiveWithoutWaiting) == 0)
            return LockOutcome.Taken;
        return Marshal.GetLastPInvokeError() == (OperatingSystem.IsMacOS() ? ErrorWouldBlockMac : ErrorWouldBlockLinux)
            ? LockOutcome.Held
            : LockOutcome.Unknown;
    }

    private static IOException Failure(string what, int error) => new($"{what}: {new Win32Exception(error).Message}.", error);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameAt(int oldDirectory, string oldPath, int newDirectory, string newPath, uint flags);

    [LibraryImport("libc", EntryPoint = "renamex_np", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameMac(string from, string to, uint flags);
}
