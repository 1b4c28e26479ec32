using System.Collections.Frozen;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>The weights of several files and the index that says which tensor is where.</summary>
internal sealed class ShardedWeights : ICheckpointWeights
{
    private readonly FrozenDictionary<string, ICheckpointWeights> _files;
    private readonly ICheckpointWeights[] _shards;

    private ShardedWeights(string source, Dictionary<string, ICheckpointWeights> files, ICheckpointWeights[] shards)
    {
        Source = source;
        _files = files.ToFrozenDictionary(StringComparer.Ordinal);
        _shards = shards;
    }

    public string Source { get; }

    public IReadOnlyCollection<string> Names => _files.Keys;

    public IReadOnlyList<string> Notes => [.. _shards.SelectMany(shard => shard.Notes)];

    /// <summary>Opens the shards that lie beside an index.</summary>
    /// <param name="indexPath">The index.</param>
    /// <param name="open">Opens one shard by its path.</param>
    public static ShardedWeights Open(string indexPath, Func<string, ICheckpointWeights> open)
    {
        var index = SafetensorsIndex.Read(indexPath);
        string directory = Path.GetDirectoryName(Path.GetFullPath(indexPath))!;
        var shards = new Dictionary<string, ICheckpointWeights>(StringComparer.Ordinal);
        try
        {
            foreach (string shard in index.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                string path = Path.Combine(directory, shard);
                if (!File.Exists(path))
                    throw new SafetensorsFormatException(indexPath,
                        $"names the shard '{SafetensorsHeaderReader.Shorten(shard)}', which is not beside it: fetch it.");
                if (ModelFileGuard.FaultOf(directory, shard) is { } fault)
                    throw new SafetensorsFormatException(path, fault);
                shards[shard] = open(path);
            }
            return new ShardedWeights(indexPath, Match(index, shards, indexPath), [.. shards.Values]);
        }
        catch
        {
            foreach (var shard in shards.Values)
                shard.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _files.ContainsKey(name);

    public SafetensorsTensor Describe(string name) => Find(name).Describe(name);

    public ReadOnlySpan<byte> GetBytes(string name) => Find(name).GetBytes(name);

    public Stream OpenRead(string name) => Find(name).OpenRead(name);

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }

    private static Dictionary<string, ICheckpointWeights> Match(
        Dictionary<string, string> index, Dictionary<string, ICheckpointWeights> shards, string indexPath)
    {
        var files = new Dictionary<string, ICheckpointWeights>(StringComparer.Ordinal);
        foreach (var (tensor, shard) in index)
        {
            if (!shards[shard].Contains(tensor))
                throw new SafetensorsFormatException(
                    indexPath, $"says that tensor '{SafetensorsHeaderReader.Shorten(tensor)}' is in '{shard}', but it is not.", tensor);
            files.Add(tensor, shards[shard]);
        }
        foreach (var (name, shard) in shards)
        {
            foreach (string tensor in shard.Names)
            {
                if (!index.TryGetValue(tensor, out string? place))
                    throw new SafetensorsFormatException(
                        indexPath, $"does not name tensor '{SafetensorsHeaderReader.Shorten(tensor)}', which is in '{name}'.", tensor);
                if (place != name)
                {
                    throw new SafetensorsFormatException(
                        indexPath, $"says that tensor '{SafetensorsHeaderReader.Shorten(tensor)}' is in '{place}', but '{name}' holds "
                            + "one of that name too.", tensor);
                }
            }
        }
        return files;
    }

    private ICheckpointWeights Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _files.TryGetValue(name, out var file)
            ? file
            : throw new SafetensorsFormatException(Source, $"the checkpoint holds no tensor '{name}' among its {_files.Count}.", name);
    }
}
