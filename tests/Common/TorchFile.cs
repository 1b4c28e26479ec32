using System.Buffers.Binary;
using System.IO.Compression;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Tests.Common;

/// <summary>Writes files as torch.save does, so that tests need none beside the checkout.</summary>
internal static class TorchFile
{
    /// <summary>A zip with data.pkl and the storages, stored as they are.</summary>
    public static byte[] Archive(byte[] pickle, params (string Name, byte[] Content)[] others)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in others.Prepend(("data.pkl", pickle)).Append(("byteorder", "little"u8.ToArray())))
            {
                using var entry = zip.CreateEntry($"archive/{name}", CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    /// <summary>A state dictionary of tensors, each with a storage of its own.</summary>
    public static byte[] Archive(IEnumerable<(SafetensorsTensor Tensor, byte[] Bytes)> tensors)
    {
        var all = tensors.ToList();
        var pickle = new PickleBuilder().OrderedDict().Mark();
        for (int number = 0; number < all.Count; number++)
            Add(pickle, all[number].Tensor, $"{number}", isOld: false);
        return Archive(pickle.SetItems().Stop().ToBytes(), [.. all.Select((entry, number) => ($"data/{number}", entry.Bytes))]);
    }

    /// <summary>The same in the format before 1.6: five pickles, then the storages.</summary>
    public static byte[] Old(IEnumerable<(SafetensorsTensor Tensor, byte[] Bytes)> tensors)
    {
        var all = tensors.ToList();
        var pickle = new PickleBuilder().OrderedDict().Mark();
        var keys = new PickleBuilder().List();
        for (int number = 0; number < all.Count; number++)
        {
            Add(pickle, all[number].Tensor, $"{number}", isOld: true);
            keys.Text($"{number}").Append();
        }

        byte[] magic = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
        var machine = new PickleBuilder().Dictionary().Mark().Text("little_endian").True().SetItems().Stop();
        List<byte> file =
        [
            .. new PickleBuilder().Raw(magic).Stop().ToBytes(), .. new PickleBuilder().Number(1001).Stop().ToBytes(), .. machine.ToBytes(),
            .. pickle.SetItems().Stop().ToBytes(), .. keys.Stop().ToBytes(),
        ];
        foreach (var (tensor, bytes) in all)
        {
            byte[] count = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(count, bytes.Length / tensor.Dtype.ByteWidth());
            file.AddRange([.. count, .. bytes]);
        }

        return [.. file];
    }

    /// <summary>Puts pytorch_model.bin, or shards of it, in place of a model's model.safetensors.</summary>
    public static void Replace(string directory, int shards = 1) => Replace(
        directory, "pytorch_model", ".bin", shards, (file, tensors) => File.WriteAllBytes(file, Archive(tensors)));

    /// <summary>Puts another file, or shards with their index, in place of a model's model.safetensors.</summary>
    /// <param name="directory">The model.</param>
    /// <param name="stem">What the names of the files begin with.</param>
    /// <param name="extension">What they end with.</param>
    /// <param name="shards">How many there are.</param>
    /// <param name="write">Writes one.</param>
    public static void Replace(
        string directory, string stem, string extension, int shards, Action<string, List<(SafetensorsTensor Tensor, byte[] Bytes)>> write)
    {
        string path = Path.Combine(directory, "model.safetensors");
        using (var weights = CheckpointWeights.FromMemory(File.ReadAllBytes(path), path))
        {
            string[] names = [.. weights.Names];
            var index = new List<string>();
            foreach (var (number, part) in names.Chunk((names.Length + shards - 1) / shards).Index())
            {
                string file = shards == 1 ? stem + extension : $"{stem}-0000{number + 1}-of-0000{shards}{extension}";
                write(Path.Combine(directory, file), [.. part.Select(name => (weights.Describe(name), weights.GetBytes(name).ToArray()))]);
                index.AddRange(part.Select(name => $"\"{name}\":\"{file}\""));
            }

            if (shards > 1)
            {
                File.WriteAllText(
                    Path.Combine(directory, $"{stem}{extension}.index.json"), $"{{\"weight_map\":{{{string.Join(',', index)}}}}}");
            }
        }

        File.Delete(path);
    }

    private static void Add(PickleBuilder pickle, SafetensorsTensor tensor, string key, bool isOld)
    {
        long count = tensor.ByteLength / tensor.Dtype.ByteWidth();
        pickle.Text(tensor.Name).Tensor(values => values.Storage(StorageOf(tensor.Dtype), key, count, isOld: isOld), [.. tensor.Shape]);
    }

    private static string StorageOf(SafetensorsDtype dtype) => dtype switch
    {
        SafetensorsDtype.F64 => "DoubleStorage",
        SafetensorsDtype.F32 => "FloatStorage",
        SafetensorsDtype.F16 => "HalfStorage",
        SafetensorsDtype.BF16 => "BFloat16Storage",
        SafetensorsDtype.I64 => "LongStorage",
        SafetensorsDtype.I32 => "IntStorage",
        SafetensorsDtype.I16 => "ShortStorage",
        SafetensorsDtype.I8 => "CharStorage",
        SafetensorsDtype.U8 => "ByteStorage",
        SafetensorsDtype.Bool => "BoolStorage",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "torch.save has no storage of its own for it."),
    };
}
