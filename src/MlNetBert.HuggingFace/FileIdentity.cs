using System.Runtime.InteropServices;

namespace MlNetBert.HuggingFace;

/// <summary>
/// What stands at a path, links followed, and which it is, by whatever name: opening a pipe to find out would wait for a writer.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">Equal for two paths of the same file or directory: device and number on Linux, elsewhere the full path behind a
/// link.</param>
internal readonly partial record struct FileIdentity(FileKind Kind, string Key)
{
    private const int CurrentDirectory = -100;
    private const uint BasicFacts = 0x7FF;
    private const int FactsSize = 256;
    private const int ErrorNotPermitted = 1; // what sandboxes say of calls that they do not know
    private const int ErrorNoSuchCall = 38;

    /// <summary>Looks at a path.</summary>
    /// <param name="path">The path.</param>
    public static FileIdentity Of(string path)
    {
        if (OperatingSystem.IsLinux() && OfLinux(path) is { } known)
            return known;
        if (Directory.Exists(path))
            return new FileIdentity(FileKind.Directory, Behind(new DirectoryInfo(path)));
        // A link that leads nowhere exists, too.
        return File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists != false
            ? new FileIdentity(FileKind.File, Behind(new FileInfo(path)))
            : default;
    }

    /// <summary>Whether a path stands for one of some files and directories, or for something below one.</summary>
    /// <param name="path">The path; it need not be there.</param>
    /// <param name="keys">The keys of the files and directories.</param>
    public static bool IsWithin(string path, IReadOnlySet<string> keys)
    {
        for (string? at = Path.GetFullPath(path); at is not null; at = Path.GetDirectoryName(at))
        {
            if (Of(at) is { Kind: not FileKind.None } there && keys.Contains(there.Key))
                return true;
        }

        return false;
    }

    private static string Behind(FileSystemInfo info) =>
        Path.TrimEndingDirectorySeparator(info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? info.FullName);

    /// <summary>By statx, whose layout is the same on every processor; null where the C library or the system lacks it.</summary>
    private static unsafe FileIdentity? OfLinux(string path)
    {
        Span<byte> facts = stackalloc byte[FactsSize];
        try
        {
            fixed (byte* buffer = facts)
            {
                if (Statx(CurrentDirectory, Path.GetFullPath(path), flags: 0, BasicFacts, buffer) != 0)
                    return Marshal.GetLastPInvokeError() is ErrorNotPermitted or ErrorNoSuchCall ? null : default(FileIdentity);
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }

        var kind = (MemoryMarshal.Read<ushort>(facts[28..]) & 0xF000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0x1000 => FileKind.Pipe,
            0xC000 => FileKind.Socket,
            _ => FileKind.Device,
        };
        var (number, major, minor) =
            (MemoryMarshal.Read<ulong>(facts[32..]), MemoryMarshal.Read<uint>(facts[136..]), MemoryMarshal.Read<uint>(facts[140..]));
        return new FileIdentity(kind, FormattableString.Invariant($"{major}:{minor}:{number}"));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int Statx(int directory, string path, int flags, uint mask, byte* facts);
}
