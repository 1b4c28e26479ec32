using MlNetBert.HuggingFace.Pickles;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace;

/// <summary>Opens weights: one file, a sharded checkpoint, or memory.</summary>
[Experimental("MLNETBERT001")]
public static class CheckpointWeights
{
    /// <summary>
    /// Opens one file: a pickle of torch.save where its name ends in .bin, .pt or .pth, otherwise safetensors. Nothing that a pickle holds
    /// is run; what is no tensor is refused.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>The weights; dispose them.</returns>
    /// <exception cref="ModelFormatException">The file is malformed, or a pickle asks for more than tensors.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ICheckpointWeights FromFile(string path) => WeightFiles.IsPickled(path)
        ? PickledWeights.Open(path)
        : new SafetensorsWeights(SafetensorsFile.Open(path));

    /// <summary>Opens a safetensors file that is in memory, such as an entry of a zip.</summary>
    /// <param name="bytes">The whole file; it must not change while it is open.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <returns>The weights; dispose them.</returns>
    /// <exception cref="SafetensorsFormatException">The file is malformed.</exception>
    public static ICheckpointWeights FromMemory(ReadOnlyMemory<byte> bytes, string name) =>
        new SafetensorsWeights(SafetensorsFile.Open(bytes, name));

    /// <summary>Opens a sharded checkpoint by its index; every shard is opened and checked against it.</summary>
    /// <param name="indexPath">The index, <c>model.safetensors.index.json</c> or <c>pytorch_model.bin.index.json</c>; the shards lie beside
    /// it.</param>
    /// <returns>The weights; dispose them.</returns>
    /// <exception cref="ModelFormatException">The index or a shard is malformed, a shard is missing, or the two contradict each
    /// other.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ICheckpointWeights FromIndex(string indexPath) => ShardedWeights.Open(indexPath, FromFile);

    /// <summary>The shards that an index names, without opening them.</summary>
    /// <param name="indexPath">The index.</param>
    /// <returns>Their paths relative to the index, each once, in order.</returns>
    /// <exception cref="SafetensorsFormatException">The index is malformed.</exception>
    /// <exception cref="IOException">The index cannot be read.</exception>
    public static IReadOnlyList<string> ShardsOf(string indexPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(indexPath);
        return [.. SafetensorsIndex.Read(indexPath).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
