using System.Security.Cryptography;
using System.Text.Json;

namespace MlNetBert.Training.Checkpoints;

/// <summary>The list of a checkpoint's files with their lengths and SHA-256 digests, written last: a checkpoint without it, or that differs from it, is not whole.</summary>
internal static class CheckpointManifest
{
    public const string FileName = "manifest.json";

    /// <summary>Describes every file of a directory in a manifest of that directory.</summary>
    public static void Write(string directory)
    {
        var entries = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(path => Describe(directory, path)).OrderBy(e => e.Name, StringComparer.Ordinal).ToList();
        File.WriteAllBytes(System.IO.Path.Combine(directory, FileName), JsonSerializer.SerializeToUtf8Bytes(entries));
    }

    /// <summary>Holds a directory against its manifest.</summary>
    /// <returns>What is wrong; null where nothing is.</returns>
    public static string? FaultOf(string directory)
    {
        var manifest = System.IO.Path.Combine(directory, FileName);
        if (!File.Exists(manifest))
            return $"it has no {FileName}";
        try
        {
            var entries = JsonSerializer.Deserialize<List<Entry?>>(File.ReadAllBytes(manifest)) ?? [];
            if (entries.Count == 0)
                return $"its {FileName} lists no file";
            foreach (var entry in entries)
            {
                if (entry?.Name is null)
                    return $"its {FileName} lists something that is no file";
                var path = System.IO.Path.Combine(directory, entry.Name);
                if (HuggingFace.RelativePath.FaultOf(entry.Name) is not null || !File.Exists(path))
                    return $"its file {entry.Name} is missing";
                if (new FileInfo(path).Length != entry.Length)
                    return $"its file {entry.Name} has {new FileInfo(path).Length} bytes, not {entry.Length}";
                if (Describe(directory, path).Sha256 != entry.Sha256)
                    return $"its file {entry.Name} has another SHA-256 than was written";
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read ({e.Message})";
        }
    }

    private static Entry Describe(string directory, string path)
    {
        using var stream = File.OpenRead(path);
        return new Entry(System.IO.Path.GetRelativePath(directory, path).Replace('\\', '/'), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private sealed record Entry(string Name, long Length, string Sha256);
}
