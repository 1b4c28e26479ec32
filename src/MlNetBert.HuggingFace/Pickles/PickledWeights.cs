using System.Collections.Frozen;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>
/// The weights of one pytorch_model.bin, whose values are read, and compared with the checksum of their storage, when they are first asked
/// for. Thread-safe.
/// </summary>
internal sealed class PickledWeights : ICheckpointWeights
{
    // A tensor that is stored in another order is read at once where no more than this lies between its first and its last value.
    private const int MostPerValue = 16;
    private const int AlwaysAtOnce = 1 << 16;

    private readonly TensorBytes _bytes;
    private readonly FrozenDictionary<string, PickledFile.Place> _places;

    private PickledWeights(TensorBytes bytes, string name)
    {
        _bytes = bytes;
        Source = name;
        var places = new PickledFile(bytes, name).Read(out var notes);
        (Names, Notes) = ([.. places.Keys], notes);
        _places = places.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public string Source { get; }

    public IReadOnlyCollection<string> Names { get; }

    public IReadOnlyList<string> Notes { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="ModelFormatException">It is damaged, is none of torch.save's, or holds more than tensors.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PickledWeights Open(string path)
    {
        if (ModelFileGuard.FaultOf(path) is { } fault)
            throw new ModelFormatException(path, fault);
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        return Open(new FileTensorBytes(file, path), path);
    }

    /// <summary>Opens a file's bytes, which are disposed of with the result.</summary>
    internal static PickledWeights Open(TensorBytes bytes, string name)
    {
        try
        {
            return new PickledWeights(bytes, name);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _places.ContainsKey(name);

    public SafetensorsTensor Describe(string name)
    {
        var (tensor, start, _) = Find(name);
        return new SafetensorsTensor(name, tensor.Dtype, tensor.Shape, start, tensor.ByteLength);
    }

    public ReadOnlySpan<byte> GetBytes(string name)
    {
        var (tensor, start, entry) = Find(name);
        if (tensor.ByteLength > Array.MaxLength)
            throw new SafetensorsFormatException(
                Source, $"tensor '{name}' has {tensor.ByteLength} bytes, more than a span holds ({Array.MaxLength}): use OpenRead.", name);
        entry?.Check();
        return tensor.IsContiguous ? _bytes.Slice(FirstOf(tensor, start), (int)tensor.ByteLength) : InOrder(tensor, start, name);
    }

    public Stream OpenRead(string name)
    {
        var (tensor, start, entry) = Find(name);
        entry?.Check();
        return tensor.IsContiguous
            ? _bytes.OpenRead(FirstOf(tensor, start), tensor.ByteLength)
            : new MemoryStream(InOrder(tensor, start, name), writable: false);
    }

    public void Dispose() => _bytes.Dispose();

    private static long FirstOf(PickledTensor tensor, long start) => start + (tensor.Offset * tensor.Dtype.ByteWidth());

    /// <summary>The values of a tensor whose strides are others, such as of a transposed matrix, in the order of its indexes.</summary>
    private byte[] InOrder(PickledTensor tensor, long start, string name)
    {
        if (tensor.ByteLength > Array.MaxLength)
            throw new SafetensorsFormatException(
                Source, $"tensor '{name}' has {tensor.ByteLength} bytes that are not stored in order, more than can be put in order. "
                    + "Save it again from a contiguous tensor.", name);
        byte[] ordered = new byte[tensor.ByteLength];
        Gather(tensor, start, ordered);
        return ordered;
    }

    private void Gather(PickledTensor tensor, long start, Span<byte> ordered)
    {
        int width = tensor.Dtype.ByteWidth();
        long span = tensor.Span * width;
        if (span > AlwaysAtOnce && (span > Array.MaxLength || span / MostPerValue > ordered.Length))
        {
            GatherParts(tensor, start, ordered);
            return;
        }

        var stored = _bytes.Slice(FirstOf(tensor, start), (int)span);
        var index = new long[tensor.Shape.Length];
        long at = 0;
        for (int target = 0; target < ordered.Length; target += width)
        {
            stored.Slice((int)(at * width), width).CopyTo(ordered[target..]);
            for (int dimension = index.Length - 1; dimension >= 0; dimension--)
            {
                at += tensor.Strides[dimension];
                if (++index[dimension] < tensor.Shape[dimension])
                    break;
                at -= tensor.Strides[dimension] * tensor.Shape[dimension];
                index[dimension] = 0;
            }
        }
    }

    // One part for each index of the first dimension: much lies between the values that is of other tensors.
    private void GatherParts(PickledTensor tensor, long start, Span<byte> ordered)
    {
        int length = ordered.Length / (int)tensor.Shape[0];
        var part = tensor with { Shape = tensor.Shape[1..], Strides = tensor.Strides[1..], Count = tensor.Count / tensor.Shape[0] };
        for (int index = 0; index < tensor.Shape[0]; index++)
            Gather(part with { Offset = tensor.Offset + (index * tensor.Strides[0]) }, start, ordered.Slice(index * length, length));
    }

    private PickledFile.Place Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _places.TryGetValue(name, out var found)
            ? found
            : throw new SafetensorsFormatException(Source, $"holds no tensor '{name}' among its {_places.Count}.", name);
    }
}
