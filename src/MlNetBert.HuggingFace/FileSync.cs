using System.ComponentModel;
using System.Runtime.InteropServices;

namespace MlNetBert.HuggingFace;

/// <summary>What the base library lacks for durable renames: fsync of a directory, and the exchange of two names.</summary>
internal static partial class FileSync
{
    private const int OpenCloseOnExecLinux = 0x80000;
    private const int OpenCloseOnExecMac = 0x1000000;
    private const int ErrorInvalid = 22;
    private const int CurrentDirectory = -100;
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

    private static IOException Failure(string what, int error) => new($"{what}: {new Win32Exception(error).Message}.", error);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameAt(int oldDirectory, string oldPath, int newDirectory, string newPath, uint flags);

    [LibraryImport("libc", EntryPoint = "renamex_np", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameMac(string from, string to, uint flags);
}
