using System.Collections.Frozen;
using System.Numerics;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>The classes and functions that a file of torch.save needs for tensors: an allow-list, each with what it makes here.</summary>
/// <param name="file">The file, for messages.</param>
internal sealed class TorchObjects(string file)
{
    private const int MostDimensions = 64;

    private static readonly FrozenDictionary<string, SafetensorsDtype?> StorageTypes = new Dictionary<string, SafetensorsDtype?>
    {
        ["torch.DoubleStorage"] = SafetensorsDtype.F64,
        ["torch.FloatStorage"] = SafetensorsDtype.F32,
        ["torch.HalfStorage"] = SafetensorsDtype.F16,
        ["torch.BFloat16Storage"] = SafetensorsDtype.BF16,
        ["torch.LongStorage"] = SafetensorsDtype.I64,
        ["torch.IntStorage"] = SafetensorsDtype.I32,
        ["torch.ShortStorage"] = SafetensorsDtype.I16,
        ["torch.CharStorage"] = SafetensorsDtype.I8,
        ["torch.ByteStorage"] = SafetensorsDtype.U8,
        ["torch.BoolStorage"] = SafetensorsDtype.Bool,
        ["torch.storage.UntypedStorage"] = null,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, SafetensorsDtype> Dtypes = new Dictionary<string, SafetensorsDtype>
    {
        ["torch.float64"] = SafetensorsDtype.F64,
        ["torch.float32"] = SafetensorsDtype.F32,
        ["torch.float16"] = SafetensorsDtype.F16,
        ["torch.bfloat16"] = SafetensorsDtype.BF16,
        ["torch.int64"] = SafetensorsDtype.I64,
        ["torch.int32"] = SafetensorsDtype.I32,
        ["torch.int16"] = SafetensorsDtype.I16,
        ["torch.int8"] = SafetensorsDtype.I8,
        ["torch.uint8"] = SafetensorsDtype.U8,
        ["torch.uint16"] = SafetensorsDtype.U16,
        ["torch.uint32"] = SafetensorsDtype.U32,
        ["torch.uint64"] = SafetensorsDtype.U64,
        ["torch.bool"] = SafetensorsDtype.Bool,
        ["torch.float8_e4m3fn"] = SafetensorsDtype.F8E4M3,
        ["torch.float8_e5m2"] = SafetensorsDtype.F8E5M2,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Functions = FrozenSet.Create(
        StringComparer.Ordinal,
        "collections.OrderedDict", "torch.Size", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_parameter");

    /// <summary>A class or function by its name.</summary>
    /// <exception cref="ModelFormatException">It is none of those that tensors need.</exception>
    public PickleGlobal Global(string module, string name)
    {
        var global = new PickleGlobal(module, name);
        string full = global.ToString();
        return Functions.Contains(full) || Dtypes.ContainsKey(full) || StorageTypes.ContainsKey(full)
            ? global
            : throw Fault($"asks for '{SafetensorsHeaderReader.Shorten(full)}', which is nothing that weights are made of. "
                + "A pickle can run any code; this one was refused, and nothing of it was run.");
    }

    /// <summary>What a call of the pickle's makes.</summary>
    public object Call(PickleGlobal function, object?[] arguments) => (function.ToString(), arguments) switch
    {
        ("collections.OrderedDict", []) => new OrderedDictionary<object, object?>(),
        ("torch.Size", [object?[] sizes]) => sizes,
        ("torch._utils._rebuild_parameter", [PickledTensor tensor, ..]) => tensor,
        ("torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2", [PickledStorage storage, BigInteger offset, object?[] sizes, object?[] strides, ..]) =>
            Tensor(storage, storage.Dtype ?? throw Fault("has a tensor without a type."), offset, sizes, strides),
        ("torch._utils._rebuild_tensor_v3", [PickledStorage storage, BigInteger offset, object?[] sizes, object?[] strides, _, _, PickleGlobal type, ..])
            when Dtypes.TryGetValue(type.ToString(), out var dtype) => Tensor(storage, dtype, offset, sizes, strides),
        var (name, _) => throw Fault($"calls '{name}' with arguments that it does not take."),
    };

    /// <summary>The storage that a pickle refers to: ('storage', type, key, device, values) and, in the older format, a view.</summary>
    public PickledStorage Storage(object? reference)
    {
        if (reference is not object?[] { Length: 5 or 6 } parts
            || parts is not ["storage", PickleGlobal type, string key, string device, BigInteger count, ..]
            || !StorageTypes.TryGetValue(type.ToString(), out var dtype))
        {
            throw Fault("refers to something outside of the file that is no storage of values.");
        }

        if (!IsKnownDevice(device))
            throw Fault($"keeps values on the device '{SafetensorsHeaderReader.Shorten(device)}'; known are cpu, mps, and cuda:0 to cuda:7. "
                + "Save it again with the tensors on the CPU.");
        return parts is [.., object?[] view]
            ? view is [string, BigInteger start, BigInteger size]
                ? new PickledStorage(key, dtype, Number(size), Number(start))
                : throw Fault("has a view of values that is damaged.")
            : new PickledStorage(key, dtype, Number(count));
    }

    // Where the values were when they were saved; here they are read into the CPU's memory wherever that was.
    private static bool IsKnownDevice(string device) =>
        device is "cpu" or "cuda" or "mps" or "mps:0" || device is ['c', 'u', 'd', 'a', ':', >= '0' and <= '7'];

    private PickledTensor Tensor(PickledStorage storage, SafetensorsDtype dtype, BigInteger offset, object?[] sizes, object?[] strides)
    {
        if (sizes.Length != strides.Length || sizes.Length > MostDimensions)
            throw Fault($"has a tensor of {sizes.Length} dimensions and {strides.Length} strides.");
        var tensor = new PickledTensor(storage, dtype, Number(offset), [.. sizes.Select(Number)], [.. strides.Select(Number)]);
        long values = storage.Dtype is null ? storage.Count / dtype.ByteWidth() : storage.Count;
        var count = tensor.Shape.Aggregate(BigInteger.One, (product, size) => product * size);
        // Strides of zero repeat values; a few bytes could so claim any amount of memory.
        if (count > values)
            throw Fault($"has a tensor of the shape [{string.Join(", ", tensor.Shape)}] over {values} values.");
        var last = tensor.Shape.Zip(tensor.Strides, (size, stride) => (BigInteger)(size - 1) * stride)
            .Aggregate((BigInteger)tensor.Offset, (sum, step) => sum + step);
        if (count > 0 && last >= values)
            throw Fault($"has a tensor that ends at value {last} of {values}.");
        return tensor;
    }

    private long Number(object? value) => value is BigInteger number && number >= 0 && number <= long.MaxValue
        ? (long)number
        : throw Fault($"has {(value is BigInteger found ? SafetensorsHeaderReader.Shorten(found.ToString(System.Globalization.CultureInfo.InvariantCulture)) : "no number")} where a size is expected.");

    private ModelFormatException Fault(string message) => new(file, message);
}
