using System.Collections.Frozen;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>The weights of one pytorch_model.bin. Thread-safe.</summary>
internal sealed class PickledWeights : ICheckpointWeights
{
    private readonly FileTensorBytes _bytes;
    private readonly FrozenDictionary<string, (PickledTensor Tensor, long Start)> _tensors;

    private PickledWeights(FileTensorBytes bytes, string path)
    {
        _bytes = bytes;
        Source = path;
        var tensors = PickledFile.Read(bytes, path);
        Names = [.. tensors.Keys];
        _tensors = tensors.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public string Source { get; }

    public IReadOnlyCollection<string> Names { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="ModelFormatException">It is damaged, is none of torch.save's, or holds more than tensors.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PickledWeights Open(string path)
    {
        if (ModelFileGuard.FaultOf(path) is { } fault)
            throw new ModelFormatException(path, fault);
        var bytes = new FileTensorBytes(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), path);
        try
        {
            return new PickledWeights(bytes, path);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _tensors.ContainsKey(name);

    public SafetensorsTensor Describe(string name)
    {
        var (tensor, start) = Find(name);
        return new SafetensorsTensor(name, tensor.Dtype, tensor.Shape, start, tensor.Count * tensor.Dtype.ByteWidth());
    }

    public ReadOnlySpan<byte> GetBytes(string name)
    {
        var (tensor, start) = Find(name);
        int width = tensor.Dtype.ByteWidth();
        long length = tensor.Count * width;
        if (length > Array.MaxLength)
            throw new SafetensorsFormatException(Source, $"tensor '{name}' has {length} bytes, more than a span holds: use OpenRead.", name);
        return tensor.IsContiguous ? _bytes.Slice(start + (tensor.Offset * width), (int)length) : Gather(tensor, start);
    }

    public Stream OpenRead(string name)
    {
        var (tensor, start) = Find(name);
        int width = tensor.Dtype.ByteWidth();
        return tensor.IsContiguous
            ? _bytes.OpenRead(start + (tensor.Offset * width), tensor.Count * width)
            : new MemoryStream(Gather(tensor, start), writable: false);
    }

    public void Dispose() => _bytes.Dispose();

    /// <summary>Puts the values of a tensor whose strides are others, such as of a transposed matrix, in the order of its indexes.</summary>
    private byte[] Gather(PickledTensor tensor, long start)
    {
        int width = tensor.Dtype.ByteWidth();
        long first = tensor.Offset;
        long count = 1 + tensor.Shape.Zip(tensor.Strides, (size, stride) => (size - 1) * stride).Sum(); // values between first and last
        if (count * width > Array.MaxLength)
            throw new SafetensorsFormatException(Source, $"a tensor that is not stored in order spans {count * width} bytes, more than can be read.");
        var stored = _bytes.Slice(start + (first * width), (int)(count * width));
        byte[] ordered = new byte[tensor.Count * width];
        var index = new long[tensor.Shape.Length];
        long at = 0;
        for (int target = 0; target < ordered.Length; target += width)
        {
            stored.Slice((int)(at * width), width).CopyTo(ordered.AsSpan(target));
            for (int dimension = index.Length - 1; dimension >= 0; dimension--)
            {
                at += tensor.Strides[dimension];
                if (++index[dimension] < tensor.Shape[dimension])
                    break;
                at -= tensor.Strides[dimension] * tensor.Shape[dimension];
                index[dimension] = 0;
            }
        }
        return ordered;
    }

    private (PickledTensor Tensor, long Start) Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _tensors.TryGetValue(name, out var found)
            ? found
            : throw new SafetensorsFormatException(Source, $"holds no tensor '{name}' among its {_tensors.Count}.", name);
    }
}
