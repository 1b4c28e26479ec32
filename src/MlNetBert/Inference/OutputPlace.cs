using System.Text.Json;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;

namespace MlNetBert.Inference;

/// <summary>Guards what a directory that is to be written may replace.</summary>
internal static class OutputPlace
{
    /// <summary>
    /// Lets a directory be replaced only where there is none, an empty one, or a model with nothing beside its files: config.json, weights
    /// under their well-known name or named by an index, the tokenizer's files, the card.
    /// </summary>
    /// <exception cref="IOException">Something else would be lost.</exception>
    public static void RequireReplaceable(string path)
    {
        if (!Directory.Exists(path))
            return;
        var entries = EntriesOf(path, "").ToList();
        if (entries.Count == 0)
            return;
        if (FaultOf(path, entries) is { } fault)
            throw new IOException(
                $"The directory {Path.GetFullPath(path)} is there already and {fault}, so it is not replaced. Choose "
                    + "another directory, or empty it.");
    }

    private static string? FaultOf(string path, List<string> entries)
    {
        var shards = new HashSet<string>(StringComparer.Ordinal);
        foreach (var index in entries.Where(WeightFiles.IsIndex))
        {
            try
            {
                shards.UnionWith(CheckpointWeights.ShardsOf(Path.Combine(path, index)));
            }
            catch (ModelFormatException)
            {
                return $"holds '{index}', which is no index of a model's weights";
            }
        }

        IReadOnlyList<string> ofModules;
        try
        {
            ofModules = SentenceModules.FilesOf(path);
        }
        catch (ModelFormatException)
        {
            return $"holds '{ModelFiles.SentenceModules}', which is no list of a model's modules";
        }

        bool IsOther(string name) => !ModelFiles.All.Contains(name, StringComparer.Ordinal) && !shards.Contains(name)
            && !ofModules.Contains(name, StringComparer.Ordinal);
        if (entries.Find(IsOther) is { } other)
            return $"holds '{other}', which is no file of a model";
        if (!entries.Contains(ModelFiles.Config) || !IsModelConfig(Path.Combine(path, ModelFiles.Config)))
            return $"holds '{entries[0]}', but no {ModelFiles.Config} of a model";
        return entries.Contains(ModelFiles.Weights) || entries.Contains(ModelFiles.PickledWeights)
            || (shards.Count > 0 && shards.All(entries.Contains)) ? null : $"holds {ModelFiles.Config}, but no weights of a model";
    }

    private static bool IsModelConfig(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("model_type", out var type)
                && type.ValueKind == JsonValueKind.String;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>
    /// What is in the directory, by paths below it; of directories only what they hold, and a name that ends with a slash where they hold
    /// nothing. What is no plain file counts by its name with what it is.
    /// </summary>
    private static IEnumerable<string> EntriesOf(string directory, string prefix)
    {
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = prefix + entry.Name;
            if (entry is not DirectoryInfo || entry.LinkTarget is not null)
            {
                yield return ModelFileGuard.FaultOf(entry.FullName) is null ? name : name + "|";
                continue;
            }

            var below = EntriesOf(entry.FullName, name + "/").ToList();
            foreach (var found in below)
                yield return found;
            if (below.Count == 0)
                yield return name + "/";
        }
    }
}
