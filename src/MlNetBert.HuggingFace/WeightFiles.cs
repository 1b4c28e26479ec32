namespace MlNetBert.HuggingFace;

/// <summary>The files of a model's weights.</summary>
/// <param name="Main">The file that is opened: the weights, or the index of the files that they are in.</param>
/// <param name="Shards">The files that an index names; empty for weights in one file.</param>
internal sealed record WeightFiles(string Main, IReadOnlyList<string> Shards)
{
    /// <summary>The names that weights have, the first of which that is there counts.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [ModelFiles.Weights, ModelFiles.WeightsIndex, ModelFiles.PickledWeights, ModelFiles.PickledWeightsIndex];

    /// <summary>All of them.</summary>
    public IReadOnlyList<string> All => [Main, .. Shards];

    /// <summary>Whether a pickle is among them: such weights are read, and never copied.</summary>
    public bool ArePickled => All.Any(IsPickled);

    /// <summary>Opens them.</summary>
    /// <param name="directory">The directory that they are in.</param>
    public ICheckpointWeights Open(string directory)
    {
        var path = Path.Combine(directory, Main);
        return IsIndex(Main) ? CheckpointWeights.FromIndex(path) : CheckpointWeights.FromFile(path);
    }

    /// <summary>Whether a file is an index, not the weights themselves.</summary>
    public static bool IsIndex(string name) => name is ModelFiles.WeightsIndex or ModelFiles.PickledWeightsIndex;

    /// <summary>Whether a file is read as a pickle, or is an index of pickles, by its name.</summary>
    public static bool IsPickled(string name) =>
        Path.GetExtension(name) is ".bin" or ".pt" or ".pth" || name == ModelFiles.PickledWeightsIndex;

    /// <summary>The files in a directory; null where there are none.</summary>
    /// <exception cref="ModelFormatException">There is an index that is malformed.</exception>
    public static WeightFiles? In(string directory) =>
        Find(name => Path.Combine(directory, name) is var path && File.Exists(path) ? path : null);

    /// <summary>The files in some place; null where there are none.</summary>
    /// <param name="find">The path of a file by its name, or null where it is not there.</param>
    /// <exception cref="ModelFormatException">There is an index that is malformed.</exception>
    public static WeightFiles? Find(Func<string, string?> find)
    {
        foreach (var name in Names)
        {
            if (find(name) is { } path)
                return new WeightFiles(name, IsIndex(name) ? CheckpointWeights.ShardsOf(path) : []);
        }

        return null;
    }
}
