using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
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

    private readonly Dictionary<string, SafetensorsDtype?> _storages = new(StringComparer.Ordinal);

    /// <summary>The type of the values of every storage that was referred to, by key; null for bytes whose type a tensor says.</summary>
    public IReadOnlyDictionary<string, SafetensorsDtype?> Storages => _storages;

    /// <summary>A class or function by its name.</summary>
    /// <exception cref="ModelFormatException">It is none of those that tensors need.</exception>
    public PickleGlobal Global(string module, string name)
    {
        var global = new PickleGlobal(module, name);
        string full = global.ToString();
        if (Functions.Contains(full) || Dtypes.ContainsKey(full) || StorageTypes.ContainsKey(full))
            return global;
        throw Fault($"asks for '{SafetensorsHeaderReader.Shorten(full)}', which is not among what tensors are made of. "
            + "Nothing of it was run. "
            + (module == "torch" ? "Dense tensors of floating-point numbers, whole numbers and truth values are read, not complex or "
                + "quantized ones: convert them in Python before they are saved."
            : IsModule(module) ? "It looks as if torch.save(model) wrote it, which saves a program's objects and not their weights: "
                + "in Python, torch.save(model.state_dict(), path), or model.save_pretrained(directory)."
            : "A pickle can run any code where Python opens it: do not open it there unless you know who made it. "
                + "Get the weights as safetensors, or save the model's state_dict alone."));
    }

    /// <summary>An empty dictionary.</summary>
    public static OrderedDictionary<object, object?> NewDictionary() => new(SeededComparer<object>.Instance);

    /// <summary>What a call of the pickle's makes.</summary>
    public object Call(PickleGlobal function, object?[] arguments) => (function.ToString(), arguments) switch
    {
        ("collections.OrderedDict", []) => NewDictionary(),
        // As Python 2 wrote it: a list of lists of a key and a value.
        ("collections.OrderedDict", [List<object?> pairs]) => Dictionary(pairs),
        ("torch.Size", [object?[] sizes]) => sizes,
        ("torch._utils._rebuild_parameter", [PickledTensor tensor, ..]) => tensor,
        ("torch._utils._rebuild_tensor", [PickledStorage storage, BigInteger offset, object?[] sizes, object?[] strides]) =>
            Tensor(storage, storage.Dtype, offset, sizes, strides),
        ("torch._utils._rebuild_tensor_v2",
            [PickledStorage storage, BigInteger offset, object?[] sizes, object?[] strides, _, _, .. var more])
            when IsPlain(more) => Tensor(storage, storage.Dtype, offset, sizes, strides),
        ("torch._utils._rebuild_tensor_v3",
            [PickledStorage storage, BigInteger offset, object?[] sizes, object?[] strides, _, _, PickleGlobal type, .. var more])
            when IsPlain(more) && Dtypes.TryGetValue(type.ToString(), out var dtype) => Tensor(storage, dtype, offset, sizes, strides),
        var (name, _) => throw Fault($"calls '{name}' with arguments that are not read here: expected those of a dense tensor of numbers "
            + "as torch.save writes them. Save the model's state_dict again with today's PyTorch."),
    };

    /// <summary>The storage that a pickle refers to: ('storage', type, key, device, values) and, in the older format, a view.</summary>
    public PickledStorage Storage(object? reference)
    {
        if (reference is object?[] and ["module", ..])
            throw Fault("was written by torch.save(model), which saves a program's objects and not their weights: "
                + "in Python, torch.save(model.state_dict(), path), or model.save_pretrained(directory).");
        if (reference is not object?[] { Length: 5 or 6 } parts
            || parts is not ["storage", PickleGlobal type, string key, string device, BigInteger count, ..]
            || !StorageTypes.TryGetValue(type.ToString(), out var dtype))
        {
            throw Fault("is damaged: it refers to something that is no storage of values. Download or copy it again.");
        }

        if (!IsKnownDevice(device))
            throw Fault($"has values on the device '{SafetensorsHeaderReader.Shorten(device)}'; known are cpu, mps, and cuda:0 to cuda:7. "
                + "Save it again with the tensors on the CPU.");
        if (!_storages.TryAdd(key, dtype) && _storages[key] != dtype)
            throw Fault($"has the storage '{SafetensorsHeaderReader.Shorten(key)}' with values of two types. Download or copy it again.");
        return parts is [.., object?[] view]
            ? view is [string, BigInteger start, BigInteger size]
                ? new PickledStorage(key, dtype, Number(size), Number(start))
                : throw Fault("is damaged: it has a view of values without a beginning and a length. Download or copy it again.")
            : new PickledStorage(key, dtype, Number(count));
    }

    // Where the values were when they were saved; here they are read into the CPU's memory wherever that was.
    private static bool IsKnownDevice(string device) =>
        device is "cpu" or "cuda" or "mps" or "mps:0" || device is ['c', 'u', 'd', 'a', ':', >= '0' and <= '7'];

    private static bool IsModule(string module) =>
        module is "__main__" || Array.Exists(
            ["torch.nn", "transformers", "pytorch_pretrained_bert", "pytorch_transformers", "sentence_transformers"],
            name => module == name || module.StartsWith(name + ".", StringComparison.Ordinal));

    // Conjugated and negated views say here that their values are others than those that are stored.
    private static bool IsPlain(object?[] more) => more is [] or [null] or [OrderedDictionary<object, object?> { Count: 0 }];

    private OrderedDictionary<object, object?> Dictionary(List<object?> pairs)
    {
        var dictionary = NewDictionary();
        foreach (object? pair in pairs)
        {
            if (pair is not IList<object?> { Count: 2 } entry || entry is not [string key, var value])
                throw Fault("is damaged: it has a dictionary whose entries are not a name and a value. Download or copy it again.");
            dictionary[key] = value;
        }

        return dictionary;
    }

    private PickledTensor Tensor(
        PickledStorage storage, SafetensorsDtype? type, BigInteger offset, object?[] sizes, object?[] strides)
    {
        if (type is not { } dtype)
            throw Fault("is damaged: it has a tensor without a type. Download or copy it again.");
        if (sizes.Length != strides.Length || sizes.Length > MostDimensions)
            throw Fault($"has a tensor of {sizes.Length} dimensions and {strides.Length} strides; expected as many of both, "
                + $"at most {MostDimensions}. Download or copy it again.");
        var (shape, steps) = (sizes.Select(Number).ToImmutableArray(), strides.Select(Number).ToImmutableArray());
        string shown = SafetensorsHeaderReader.ShowShape(shape);
        if (!SafetensorsHeaderReader.TryByteLength(dtype, [.. shape.Select(size => Math.Max(size, 1))], out long byteLength))
            throw Fault($"has a tensor of the shape {shown}, whose size overflows 64 bits. Download or copy it again.");
        if (shape.Contains(0))
            return new PickledTensor(storage, dtype, 0, shape, steps, 0);
        long values = storage.Dtype is null ? storage.Count / dtype.ByteWidth() : storage.Count;
        long count = byteLength / dtype.ByteWidth();
        // Strides of zero repeat values; a few bytes could so claim any amount of memory.
        if (count > values)
            throw Fault($"has a tensor of the shape {shown} over {values} values: it is damaged, or repeats values by a stride of 0. "
                + "Save it again from a contiguous tensor.");
        var last = offset + shape.Zip(steps, (size, stride) => (BigInteger)(size - 1) * stride).Aggregate(BigInteger.Zero, BigInteger.Add);
        if (last >= values)
            throw Fault($"has a tensor of the shape {shown} that ends beyond the {values} values of its storage. "
                + "Download or copy it again.");
        return new PickledTensor(storage, dtype, Number(offset), shape, steps, count);
    }

    private long Number(BigInteger value) => value >= 0 && value <= long.MaxValue
        ? (long)value
        : throw Fault($"has {SafetensorsHeaderReader.Shorten(value.ToString(CultureInfo.InvariantCulture))} where a size is expected. "
            + "Download or copy it again.");

    private long Number(object? value) =>
        value is BigInteger number ? Number(number) : throw Fault("is damaged: it has no number where a size is expected.");

    private ModelFormatException Fault(string message) => new(file, message);
}
