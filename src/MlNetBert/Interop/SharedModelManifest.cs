using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MlNetBert.Interop;

/// <summary>
/// The files of one shared directory: digest, length and name of each, one a line, in ordinal order. Its own digest is the directory's key.
/// </summary>
internal sealed class SharedModelManifest
{
    private SharedModelManifest(IReadOnlyList<SharedModelFile> files)
    {
        Files = files;
        Text = string.Concat(files.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Digest} {f.Length} {f.Name}\n")));
        Key = Digest(Encoding.UTF8.GetBytes(Text))[..32];
    }

    public IReadOnlyList<SharedModelFile> Files { get; }

    public string Text { get; }

    /// <summary>32 hexadecimal digits of the manifest's SHA-256: equal for equal directories.</summary>
    public string Key { get; }

    public static SharedModelManifest Describe(string directory)
    {
        var files = new List<SharedModelFile>();
        foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            using var stream = File.OpenRead(path);
            var name = Path.GetRelativePath(directory, path).Replace('\\', '/');
            files.Add(new SharedModelFile(Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length, name));
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new SharedModelManifest(files);
    }

    /// <exception cref="ModelFormatException">The text is not a manifest, or not the one of the key.</exception>
    public static SharedModelManifest Parse(string entry, string text, string key)
    {
        var files = new List<SharedModelFile>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ', 3);
            if (parts.Length != 3 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || !IsPlainName(parts[2]))
                throw new ModelFormatException(entry,
                    $"expected «digest length name» in every line, found '{line}'. The file is damaged; save the model again.");
            files.Add(new SharedModelFile(parts[0], length, parts[2]));
        }

        var manifest = new SharedModelManifest(files);
        return string.Equals(manifest.Key, key, StringComparison.Ordinal)
            ? manifest
            : throw new ModelFormatException(entry,
                $"expected the list of files with digest {key}, found {manifest.Key}. The file is damaged; save the model again.");
    }

    public static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // A zip from elsewhere must not be able to write outside the directory it is unpacked into.
    private static bool IsPlainName(string name) =>
        name.Length > 0 && !Path.IsPathRooted(name) && !name.Contains('\\') && !name.Contains(':')
        && name.Split('/').All(part => part.Length > 0 && part is not ("." or ".."));
}
