using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>
/// A file of torch.save with a model's weights, open for reading: opening reads the descriptions of the tensors alone, and runs nothing that
/// the file holds. Thread-safe. The zip of PyTorch 1.6 and the five pickles before it are read.
/// </summary>
internal sealed class PickledFile
{
    private const string OldMagic = "119547037146038801333356";
    private const int OldVersion = 1001;

    // What trainers put around the weights that they save.
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model"];

    private readonly string _name;
    private readonly FileTensorBytes _bytes;

    private PickledFile(FileTensorBytes bytes, string name)
    {
        _bytes = bytes;
        _name = name;
    }

    /// <summary>Reads the descriptions.</summary>
    /// <returns>A tensor per name, with where its storage begins in the file.</returns>
    /// <exception cref="ModelFormatException">It is damaged, is none of torch.save's, or holds more than tensors.</exception>
    public static IReadOnlyDictionary<string, (PickledTensor Tensor, long Start)> Read(FileTensorBytes bytes, string name)
    {
        var file = new PickledFile(bytes, name);
        var start = bytes.Slice(0, (int)Math.Min(bytes.Length, 16));
        if (start.StartsWith(TorchArchive.Magic))
            return file.ReadArchive();
        if (start.Length >= 3 && start[0] == 0x80 && start[1] is >= 2 and <= 5)
            return file.ReadOld();
        throw file.Fault(start.StartsWith("version https://git-lfs"u8)
            ? "is Git LFS's pointer to the weights, not the weights: fetch them with 'git lfs pull'."
            : "is no file of torch.save: expected a zip or a pickle, found "
                + (start.IsEmpty ? "nothing." : $"the bytes {Convert.ToHexStringLower(start)}."));
    }

    private Dictionary<string, (PickledTensor Tensor, long Start)> ReadArchive()
    {
        var archive = TorchArchive.Open(_bytes, _name);
        string root = archive.Root;
        if (archive.Find(root + "byteorder") is { Length: < 16 } order
            && Encoding.ASCII.GetString(_bytes.Slice(order.Start, (int)order.Length)) is not "little" and var found)
        {
            throw Fault($"has its values in the order '{SafetensorsHeaderReader.Shorten(found)}'; little-endian ones are read.");
        }

        var (start, length) = archive.Find(root + "data.pkl")!.Value;
        if (length > SafetensorsFile.MaximumHeaderLength)
            throw Fault($"has a data.pkl of {length} bytes; one of more than {SafetensorsFile.MaximumHeaderLength} is none of weights.");
        object? value = PickleReader.Read(_bytes.Slice(start, (int)length).ToArray(), _name, out _);
        return Tensors(value, storage => archive.Find($"{root}data/{storage.Key}"));
    }

    private Dictionary<string, (PickledTensor Tensor, long Start)> ReadOld()
    {
        var pickles = new object?[5];
        long at = 0;
        for (int number = 0; number < pickles.Length; number++)
        {
            byte[] rest = _bytes.Slice(at, (int)Math.Min(_bytes.Length - at, SafetensorsFile.MaximumHeaderLength)).ToArray();
            pickles[number] = PickleReader.Read(rest, _name, out int length);
            at += length;
            if (number == 0 && (pickles[0] as BigInteger?)?.ToString(System.Globalization.CultureInfo.InvariantCulture) != OldMagic)
                throw Fault("is a pickle, but none of torch.save's: it does not begin with its number.");
        }

        if (pickles[1] is not BigInteger version || version != OldVersion
            || pickles[2] is not OrderedDictionary<object, object?> machine || pickles[4] is not List<object?> keys)
        {
            throw Fault("is a pickle of torch.save, but damaged: its version or its list of storages is missing.");
        }

        if (machine.TryGetValue("little_endian", out object? little) && little is not true)
            throw Fault("has its values in big-endian order; little-endian ones are read.");
        var storages = StoragesIn(pickles[3]);
        var places = new Dictionary<string, (long Start, long Length)>(StringComparer.Ordinal);
        foreach (object? key in keys)
        {
            if (key is not string text || !storages.TryGetValue(text, out int width))
                throw Fault("is a pickle of torch.save, but damaged: it lists a storage that no tensor has.");
            if (_bytes.Length - at < sizeof(long))
                throw Fault("ends too early: its values are missing. Download or copy it again.");
            long count = BinaryPrimitives.ReadInt64LittleEndian(_bytes.Slice(at, sizeof(long)));
            at += sizeof(long);
            if (count < 0 || count > (_bytes.Length - at) / width)
                throw Fault("ends too early: a storage is cut short. Download or copy it again.");
            places[text] = (at, count * width);
            at += count * width;
        }

        return Tensors(pickles[3], storage => places.TryGetValue(storage.Key, out var place) ? place : null);
    }

    private Dictionary<string, int> StoragesIn(object? value)
    {
        var widths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (_, tensor) in Named(value))
            widths[tensor.Storage.Key] = tensor.Storage.Dtype?.ByteWidth() ?? 1;
        return widths;
    }

    private Dictionary<string, (PickledTensor Tensor, long Start)> Tensors(
        object? value, Func<PickledStorage, (long Start, long Length)?> find)
    {
        var tensors = new Dictionary<string, (PickledTensor Tensor, long Start)>(StringComparer.Ordinal);
        foreach (var (name, tensor) in Named(value))
        {
            var storage = tensor.Storage;
            string shown = SafetensorsHeaderReader.Shorten(name);
            var (start, length) = find(storage) ?? throw Fault(
                $"has no values for tensor '{shown}': its storage '{SafetensorsHeaderReader.Shorten(storage.Key)}' is missing.");
            int width = storage.Dtype?.ByteWidth() ?? 1;
            if (((BigInteger)storage.Start + storage.Count) * width > length)
                throw Fault($"has {length} bytes for a storage of {storage.Count} values, of which tensor '{shown}' is: it was cut short. "
                    + "Download or copy it again.");
            tensors.Add(name, (tensor, start + (storage.Start * width)));
        }
        return tensors;
    }

    /// <summary>The tensors of a dictionary by name; without <c>module.</c> before every name, which training on several GPUs leaves.</summary>
    private List<(string Name, PickledTensor Tensor)> Named(object? value)
    {
        if (value is not OrderedDictionary<object, object?> names)
            throw Fault("holds something else than a dictionary of tensors by name.");
        if (!names.Values.Any(entry => entry is PickledTensor))
        {
            string? wrapper = Wrappers.FirstOrDefault(name => names.TryGetValue(name, out object? inner)
                && inner is OrderedDictionary<object, object?> dictionary && dictionary.Values.Any(entry => entry is PickledTensor));
            return wrapper is null ? throw Fault("holds no tensors.") : Named(names[wrapper]);
        }

        var tensors = new List<(string Name, PickledTensor Tensor)>(names.Count);
        foreach (var (key, entry) in names)
        {
            if (key is not string name || entry is not PickledTensor tensor)
                throw Fault($"has the entry '{SafetensorsHeaderReader.Shorten($"{key}")}' among the tensors, which is none. "
                    + "Save the model's state_dict alone.");
            tensors.Add((name, tensor));
        }

        const string Prefix = "module.";
        return tensors.TrueForAll(entry => entry.Name.StartsWith(Prefix, StringComparison.Ordinal))
            ? [.. tensors.Select(entry => (entry.Name[Prefix.Length..], entry.Tensor))]
            : tensors;
    }

    private ModelFormatException Fault(string message) => new(_name, message);
}
