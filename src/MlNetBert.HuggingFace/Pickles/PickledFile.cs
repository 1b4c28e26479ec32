using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>
/// Where the tensors of a file of torch.save are. Reading it reads the descriptions of the tensors alone, and runs nothing that the file
/// holds. The zip of PyTorch 1.6 is read, and the five pickles before it.
/// </summary>
/// <param name="bytes">The file.</param>
/// <param name="name">What messages call it.</param>
internal sealed class PickledFile(TensorBytes bytes, string name)
{
    private const string OldMagic = "119547037146038801333356";
    private const int OldVersion = 1001;

    // A weight is stored once and named twice or a few times where it is tied; that bounds what copies of all tensors take.
    private const int MostNamesPerByte = 64;

    private readonly TorchObjects _objects = new(name);

    /// <summary>Where the values of a tensor begin in the file, of which its offset counts.</summary>
    /// <param name="Tensor">The tensor.</param>
    /// <param name="Start">Where they begin.</param>
    /// <param name="Entry">The entry of the zip that they are in; null in the older format.</param>
    internal readonly record struct Place(PickledTensor Tensor, long Start, ArchiveEntry? Entry);

    /// <summary>Reads the descriptions.</summary>
    /// <param name="notes">What there is to say about how the tensors were found.</param>
    /// <returns>A place per tensor, in the order of the file.</returns>
    /// <exception cref="ModelFormatException">It is damaged, is none of torch.save's, or holds more than tensors.</exception>
    public OrderedDictionary<string, Place> Read(out IReadOnlyList<string> notes)
    {
        var start = bytes.Slice(0, (int)Math.Min(bytes.Length, 512));
        if (start.StartsWith(TorchArchive.Magic))
            return ReadArchive(out notes);
        if (start is [0x80, >= 2 and <= 5, _, ..])
            return ReadOld(out notes);
        throw Fault(start switch
        {
            _ when start.StartsWith("version https://git-lfs"u8) =>
                "is Git LFS's pointer to the weights, not the weights: fetch them with 'git lfs pull'.",
            _ when start.Length > 262 && start[257..].StartsWith("ustar"u8) =>
                "is a tar, as PyTorch's first releases wrote it, which is not read. Load and save it again with today's PyTorch.",
            _ when start.Length > 8 && start[8] == '{' => "is a safetensors file by its first bytes: name it model.safetensors.",
            [] => "is empty: expected a zip or a pickle of torch.save. Download or copy it again.",
            _ => "is no file of torch.save: expected a zip or a pickle, found the bytes "
                + $"{Convert.ToHexStringLower(start[..Math.Min(16, start.Length)])}. Download it again; "
                + "a page of a server's is often saved in place of a file.",
        });
    }

    private OrderedDictionary<string, Place> ReadArchive(out IReadOnlyList<string> notes)
    {
        var archive = TorchArchive.Open(bytes, name);
        string root = archive.Root;
        if (archive.Find(root + "constants.pkl") is not null)
            throw Fault("is a program of torch.jit.save, not weights: in Python, torch.save(model.state_dict(), path).");
        if (archive.Find(root + "byteorder") is { Length: < 16 } order
            && Encoding.ASCII.GetString(bytes.Slice(order.Start, (int)order.Length)) is not "little" and var found)
        {
            throw BigEndian($"in the order '{found}'");
        }

        var pickle = archive.Find(root + "data.pkl")!;
        pickle.Check();
        object? value = new PickleReader(new PickleInput(bytes, pickle.Start, pickle.Start + pickle.Length, name), name, _objects).Read();
        return Locate(
            value,
            storage => archive.Find($"{root}data/{storage.Key}") is { } entry ? (entry.Start, entry.Length, entry) : null,
            out notes);
    }

    private OrderedDictionary<string, Place> ReadOld(out IReadOnlyList<string> notes)
    {
        var input = new PickleInput(bytes, 0, bytes.Length, name);
        object? Next() => new PickleReader(input, name, _objects).Read();

        if ((Next() as BigInteger?)?.ToString(CultureInfo.InvariantCulture) != OldMagic)
            throw Fault("is a pickle, but none of torch.save's: it does not begin with its number. "
                + "In Python: torch.save(model.state_dict(), path).");
        if (Next() is not BigInteger version || version != OldVersion || Next() is not OrderedDictionary<object, object?> machine)
            throw Fault($"is a pickle of torch.save, but damaged: its version, {OldVersion}, is missing. Download or copy it again.");
        if (machine.TryGetValue("little_endian", out object? little) && little is not true)
            throw BigEndian("in big-endian order");
        object? value = Next();
        if (Next() is not List<object?> keys)
            throw Fault("is a pickle of torch.save, but damaged: its list of storages is missing. Download or copy it again.");
        var places = Storages(keys, input.Position);
        return Locate(value, storage => places.TryGetValue(storage.Key, out var place)
            ? (place.Start, place.Length, null) : null, out notes);
    }

    // Behind the pickles come the storages, each after the number of its values.
    private Dictionary<string, (long Start, long Length)> Storages(List<object?> keys, long at)
    {
        var places = new Dictionary<string, (long Start, long Length)>(StringComparer.Ordinal);
        foreach (object? key in keys)
        {
            if (key is not string text || !_objects.Storages.TryGetValue(text, out var dtype))
                throw Fault("is a pickle of torch.save, but damaged: it lists a storage that no tensor has. Download or copy it again.");
            int width = dtype?.ByteWidth() ?? 1;
            long count = bytes.Length - at < sizeof(long) ? -1 : BinaryPrimitives.ReadInt64LittleEndian(bytes.Slice(at, sizeof(long)));
            at += sizeof(long);
            if (count < 0 || count > (bytes.Length - at) / width)
                throw Fault("ends too early: a storage is missing or cut short. Download or copy it again.");
            places[text] = (at, count * width);
            at += count * width;
        }

        return places;
    }

    private OrderedDictionary<string, Place> Locate(
        object? value, Func<PickledStorage, (long Start, long Length, ArchiveEntry? Entry)?> find, out IReadOnlyList<string> notes)
    {
        var found = StateDict.Of(value, name);
        notes = found.Notes;
        var places = new OrderedDictionary<string, Place>(found.Tensors.Count, StringComparer.Ordinal);
        BigInteger total = 0;
        foreach (var (tensorName, tensor) in found.Tensors)
        {
            var storage = tensor.Storage;
            string shown = SafetensorsHeaderReader.Shorten(tensorName);
            var (start, length, entry) = find(storage) ?? throw Fault($"has no values for tensor '{shown}': its storage "
                + $"'{SafetensorsHeaderReader.Shorten(storage.Key)}' is missing. Download or copy it again.");
            int width = storage.Dtype?.ByteWidth() ?? 1;
            if (((BigInteger)storage.Start + storage.Count) * width > length)
                throw Fault($"has {length} bytes for the storage of tensor '{shown}', which is to hold {storage.Count} values of {width} "
                    + "bytes: it was cut short. Download or copy it again.");
            places.Add(tensorName, new Place(tensor, start + (storage.Start * width), entry));
            total += tensor.ByteLength;
        }

        return total <= (BigInteger)bytes.Length * MostNamesPerByte
            ? places
            : throw Fault($"has tensors of {total} bytes in a file of {bytes.Length}: the same values under more than "
                + $"{MostNamesPerByte} names. Save each once.");
    }

    private ModelFormatException BigEndian(string how) =>
        Fault($"has its values {SafetensorsHeaderReader.Shorten(how)}; little-endian ones are read. Save it again on a common processor.");

    private ModelFormatException Fault(string message) => new(name, message);
}
