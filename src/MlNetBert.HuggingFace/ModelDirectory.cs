namespace MlNetBert.HuggingFace;

/// <summary>A Hugging Face model directory: config.json, weights, and the tokenizer's files. Immutable and thread-safe.</summary>
[Experimental("MLNETBERT001")]
public sealed class ModelDirectory
{
    private ModelDirectory(string path)
    {
        DirectoryPath = path;
    }

    /// <summary>The directory's full path.</summary>
    public string DirectoryPath { get; }

    /// <summary>The path of config.json, which is there.</summary>
    public string ConfigPath => FilePath(ModelFiles.Config);

    /// <summary>Opens a directory.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>The directory, which holds a config.json.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="ModelConfigFormatException">It has no config.json; the message lists what it has.</exception>
    /// <exception cref="ModelFormatException">A file of the model is a pipe, a socket, a device, or a link that leads out of the directory
    /// (into the blobs of the hub's cache it may).</exception>
    public static ModelDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(full))
            throw new DirectoryNotFoundException(MissingDirectory(full));
        var directory = new ModelDirectory(full);
        if (!directory.Has(ModelFiles.Config))
        {
            throw new ModelConfigFormatException(
                directory.ConfigPath, $"is missing, so {full} is no Hugging Face model directory. Found there: {directory.List()}.");
        }
        foreach (string name in ModelFiles.All)
        {
            if (ModelFileGuard.FaultOf(full, name) is { } fault)
                throw new ModelFormatException(directory.FilePath(name), fault);
        }
        return directory;
    }

    /// <summary>The path of a file in the directory, whether it is there or not.</summary>
    /// <param name="name">The name, with <c>/</c> between its parts; see <see cref="ModelFiles"/>.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="ArgumentException">The name leaves the directory.</exception>
    public string FilePath(string name)
    {
        if (RelativePath.FaultOf(name) is { } fault)
            throw new ArgumentException($"'{name}' is no name of a file in a model directory: {fault}.", nameof(name));
        return Path.Combine(DirectoryPath, name.Replace('/', Path.DirectorySeparatorChar));
    }

    /// <summary>Whether a file is there.</summary>
    /// <param name="name">The name, with <c>/</c> between its parts.</param>
    /// <returns>True if so.</returns>
    public bool Has(string name) => File.Exists(FilePath(name));

    /// <summary>Opens the weights: model.safetensors, the shards of model.safetensors.index.json, pytorch_model.bin, or its shards; the
    /// first of them that is there.</summary>
    /// <returns>The weights; dispose them.</returns>
    /// <exception cref="ModelFormatException">They are malformed, or there are none.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public ICheckpointWeights OpenWeights()
    {
        if (WeightFiles.In(DirectoryPath) is { } files)
            return files.Open(DirectoryPath);
        throw new SafetensorsFormatException(FilePath(ModelFiles.Weights),
            $"is missing, and so are {string.Join(", ", WeightFiles.Names.Skip(1))}. Found there: {List()}.");
    }

    private string List()
    {
        var names = Directory.EnumerateFileSystemEntries(DirectoryPath)
            .Select(entry => Directory.Exists(entry) ? $"{Path.GetFileName(entry)}/" : Path.GetFileName(entry))
            .Order(StringComparer.Ordinal)
            .Take(31)
            .ToList();
        return names.Count switch
        {
            0 => "nothing",
            > 30 => $"{string.Join(", ", names.Take(30))}, …",
            _ => string.Join(", ", names),
        };
    }

    private static string MissingDirectory(string path)
    {
        string previous = AtomicDirectory.PreviousPath(path);
        return Directory.Exists(previous)
            ? $"There is no directory {path}, but a crash while it was replaced left the old one in {previous}: rename it back."
            : $"There is no directory {path}.";
    }
}
