using System.Security.Cryptography;
using System.Text.Json;

namespace MlNetBert.Training.Checkpoints;

/// <summary>
/// The list of a checkpoint's files with their lengths and SHA-256 digests, written last: a checkpoint without it, or that differs from it,
/// is not whole.
/// </summary>
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
    public static CheckpointFinding Inspect(string directory)
    {
        try
        {
            return FaultOf(directory) is { } fault
                ? new(directory, CheckpointCondition.Damaged, fault)
                : new(directory, CheckpointCondition.Whole, "");
        }
        catch (JsonException e)
        {
            return new(directory, CheckpointCondition.Damaged, $"its {FileName} cannot be read ({e.Message})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(directory, CheckpointCondition.Unreadable, $"it cannot be read ({e.Message})");
        }
    }

    private static string? FaultOf(string directory)
    {
        List<Entry?> entries;
        using (var manifest = Open(System.IO.Path.Combine(directory, FileName)))
        {
            if (manifest is null)
                return $"it has no {FileName}";
            entries = JsonSerializer.Deserialize<List<Entry?>>(manifest) ?? [];
        }

        if (entries.Count == 0)
            return $"its {FileName} lists no file";
        foreach (var entry in entries)
        {
            if (entry?.Name is null)
                return $"its {FileName} lists something that is no file";
            using var file =
                HuggingFace.RelativePath.FaultOf(entry.Name) is not null ? null : Open(System.IO.Path.Combine(directory, entry.Name));
            if (file is null)
                return $"its file {entry.Name} is missing";
            if (file.Length != entry.Length)
                return $"its file {entry.Name} has {file.Length} bytes, not {entry.Length}";
            if (Convert.ToHexStringLower(SHA256.HashData(file)) != entry.Sha256)
                return $"its file {entry.Name} has another SHA-256 than was written";
        }

        return null;
    }

    /// <summary>Opens a file; null where there is none. What may not be read is another matter, and thrown.</summary>
    private static FileStream? Open(string path)
    {
        try
        {
            return Directory.Exists(path) ? null : File.OpenRead(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static Entry Describe(string directory, string path)
    {
        using var stream = File.OpenRead(path);
        return new Entry(System.IO.Path.GetRelativePath(directory, path).Replace('\\', '/'), stream.Length,
            Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private sealed record Entry(string Name, long Length, string Sha256);
}
