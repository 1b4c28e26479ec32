using System.Security.Cryptography;

namespace MlNetBert.Models.Native;

/// <summary>
/// Writes a copy of the Linux shim that a libstdc++ older than GCC 13's accepts: one version requirement, behind which stands no symbol
/// that is ever called, becomes weak.
/// </summary>
internal static class ShimRepair
{
    /// <summary>The symbol version that older systems lack.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    private const string Library = "libstdc++.so.6";

    /// <summary>Whether the loader's complaint is the one that the repair mends.</summary>
    public static bool Mends(string loaderMessage) =>
        loaderMessage.Contains($"`{Version}' not found", StringComparison.Ordinal)
            || loaderMessage.Contains($"{Version}: version not found", StringComparison.Ordinal);

    /// <summary>
    /// Writes the repaired copy into the user's cache, or into a directory of its own under the temporary directory where that is not
    /// writable, or is writable for other users.
    /// </summary>
    /// <returns>The copy's path, and whether it was written now (worth a word to the user) or found as an earlier run left it.</returns>
    /// <exception cref="NativeImageException">The shim is not what was expected; nothing was written.</exception>
    /// <exception cref="IOException">No place could be written to.</exception>
    public static (string Path, bool Written) WriteRepairedCopy(string shim) => WriteRepairedCopy(shim, CacheRoot());

    internal static (string Path, bool Written) WriteRepairedCopy(string shim, string? cacheRoot)
    {
        var original = File.ReadAllBytes(shim);
        var repaired = ElfVersionRelaxer.MakeWeak(original, Library, Version);
        var key = Convert.ToHexStringLower(SHA256.HashData(original))[..32];

        if (cacheRoot is not null
            && TryWrite(Path.Combine(cacheRoot, "mlnetbert", "native", key), Path.GetFileName(shim), repaired, out var path,
                out var written))
            return (path, written);

        // Of this process alone and readable by its user alone: nobody else can have put a library there.
        var directory = Directory.CreateTempSubdirectory("mlnetbert-native-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => DeleteQuietly(directory);
        path = Path.Combine(directory, Path.GetFileName(shim));
        File.WriteAllBytes(path, repaired);
        return (path, true);
    }

    private static bool TryWrite(string directory, string fileName, byte[] content, out string path, out bool written)
    {
        path = Path.Combine(directory, fileName);
        written = false;
        try
        {
            // What lies in the cache is loaded only if it is byte for byte what we would write, and nobody else can exchange it before it
            // is loaded.
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content) && FileOwners.AreTrusted(path))
                return true;

            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(directory);
            else
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (!FileOwners.AreTrusted(directory))
                return false;
            var temporary = Path.Combine(directory, $".{Guid.NewGuid():N}.tmp");
            try
            {
                File.WriteAllBytes(temporary, content);
                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }

            written = true;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void DeleteQuietly(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system's temporary directory is emptied by the system.
        }
    }

    private static string? CacheRoot()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache))
            return cache;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.IsPathFullyQualified(home) ? Path.Combine(home, ".cache") : null;
    }
}
