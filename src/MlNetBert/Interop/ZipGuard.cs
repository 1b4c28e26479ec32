using System.IO.Compression;
using System.Runtime.CompilerServices;
using MlNetBert.HuggingFace;

namespace MlNetBert.Interop;

/// <summary>
/// Looks at a zip before anything of it is unpacked: at what all its entries say of themselves, whatever their names. What is read
/// afterwards is bounded by that, because .NET unpacks no more of an entry than it declares.
/// </summary>
internal static class ZipGuard
{
    private const long Harmless = 64 << 20;
    private const int LargestRatio = 100;
    private const int MostEntries = 10_000;
    private const int LongestName = 255; // what file systems take
    private const string Refusal = "The file was not saved by this project; do not load it.";
    private static readonly ConditionalWeakTable<ZipArchive, object> Checked = [];

    /// <summary>
    /// Refuses a file that is a zip and unpacks to far more than what this project saves, or to more than the temporary directory has room
    /// for.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFormatException">It is no zip, or was not saved by this project.</exception>
    /// <exception cref="IOException">The temporary directory is missing or has too little room.</exception>
    public static void Check(string path)
    {
        using var file = File.OpenRead(path);
        ZipArchive archive;
        try
        {
            archive = new ZipArchive(file, ZipArchiveMode.Read);
            _ = archive.Entries.Count;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new ModelFormatException(path,
                $"expected an ML.NET zip, found a file of {file.Length} bytes that is no zip, or a damaged one. Get the file again; for "
                    + $"weights in a Hugging Face directory, name the directory that holds {ModelFiles.Config}.", e);
        }

        using (archive)
        {
            Check(archive, path);
            var compressed = archive.Entries.Sum(entry => (decimal)entry.CompressedLength);
            if (compressed > file.Length)
                throw new ModelFormatException(path,
                    $"expected entries of at most the file's {file.Length} bytes, found {compressed} bytes: they overlap. {Refusal}");
        }
    }

    /// <summary>As <see cref="Check(string)"/>, of an archive that ML.NET has opened; looked at once.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="name">What messages call it.</param>
    public static void Check(ZipArchive archive, string name)
    {
        if (!Checked.TryAdd(archive, archive))
            return;
        if (archive.Entries.Count > MostEntries)
            throw new ModelFormatException(name, $"expected at most {MostEntries} entries, found {archive.Entries.Count}. {Refusal}");

        var (unpacked, packed) = (0m, 0m);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries)
        {
            // ML.NET looks for an entry under back slashes too, so both are one name.
            var shown = entry.FullName.Replace('\\', '/').TrimEnd('/');
            if (RelativePath.FaultOf(shown) is { } fault)
                throw new ModelFormatException(name,
                    $"expected entries inside the zip's own directory, found '{shown}': {fault}. {Refusal}");
            if (shown.Split('/').Any(part => System.Text.Encoding.UTF8.GetByteCount(part) > LongestName))
                throw new ModelFormatException(name,
                    $"expected entries with names of at most {LongestName} bytes, found '{shown[..40]}…'. {Refusal}");
            if (!names.Add(shown))
                throw new ModelFormatException(name, $"expected every entry once, found '{shown}' twice. {Refusal}");
            Require(entry.Length, entry.CompressedLength, name, $"the entry '{shown}'");
            unpacked += entry.Length;
            packed += entry.CompressedLength;
        }

        Require(unpacked, packed, name, "the whole");
        RequireRoom(unpacked, name);
    }

    private static void Require(decimal unpacked, decimal packed, string name, string what)
    {
        if (unpacked > Harmless && unpacked / LargestRatio > packed)
            throw new ModelFormatException(name,
                $"expected {what} to be at most {LargestRatio} times its {packed} compressed bytes, found one that "
                    + $"unpacks to {unpacked}. {Refusal}");
    }

    private static void RequireRoom(decimal bytes, string name)
    {
        var place = Path.GetTempPath();
        if (!Directory.Exists(place))
            throw new DirectoryNotFoundException(
                $"{name}: a zip is unpacked into the temporary directory, and '{place}' is missing. Make it, or "
                    + $"name another in {Variable}.");
        long free;
        try
        {
            free = new DriveInfo(Path.GetFullPath(place)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return; // It does not tell; writing there does.
        }

        if (bytes > free)
            throw new IOException(
                $"{name}: No space left on device: a zip is unpacked into the temporary directory '{place}', which has {free} bytes "
                    + $"free, and this one takes {bytes}. Free space there, or name another directory in {Variable}.");
    }

    /// <summary>The environment variable that names the temporary directory.</summary>
    internal static string Variable => OperatingSystem.IsWindows() ? "TMP" : "TMPDIR";
}
