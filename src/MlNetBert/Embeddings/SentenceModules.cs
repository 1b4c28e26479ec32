using MlNetBert.HuggingFace;

namespace MlNetBert.Embeddings;

/// <summary>The modules of a sentence-transformers directory (modules.json), in the order in which they run.</summary>
internal static class SentenceModules
{
    /// <summary>Reads the list.</summary>
    /// <param name="directory">The directory.</param>
    /// <returns>The last part of each module's type, and its folder with forward slashes, empty for the directory itself; null where there
    /// is no list.</returns>
    /// <exception cref="ModelFormatException">The file is malformed, or names a folder that is not below the directory.</exception>
    public static IReadOnlyList<(string Type, string Folder)>? Read(string directory)
    {
        var path = Path.Combine(directory, ModelFiles.SentenceModules);
        if (!File.Exists(path))
            return null;
        return SentenceJson.Read(path, modules => modules.EnumerateArray().Select(module =>
        {
            var folder = module.TryGetProperty("path", out var value) ? value.GetString() ?? "" : "";
            if (folder.Length > 0 && RelativePath.FaultOf(folder) is { } fault)
                throw new ModelFormatException(path, $"'path': '{folder}' must name a folder of the model: {fault}.");
            return (module.GetProperty("type").GetString()?.Split('.')[^1] ?? "", folder);
        }).ToList());
    }

    /// <summary>The files that the modules may have in folders of their own, by their paths below the directory.</summary>
    /// <exception cref="ModelFormatException">As <see cref="Read"/>.</exception>
    public static IReadOnlyList<string> FilesOf(string directory) =>
    [
        .. (Read(directory) ?? []).Where(module => module.Folder.Length > 0).SelectMany(module =>
            new[] { ModelFiles.Config, ModelFiles.Weights, ModelFiles.PickledWeights }.Select(name => $"{module.Folder}/{name}")),
    ];
}
