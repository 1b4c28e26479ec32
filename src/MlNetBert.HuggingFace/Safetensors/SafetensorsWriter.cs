using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>
/// Writes safetensors files byte for byte as Hugging Face's <c>save_file</c> does: wider types first, then by name, the header padded with
/// spaces to a multiple of 8. Tensors are streamed one after the other.
/// </summary>
[Experimental("MLNETBERT001")]
public static class SafetensorsWriter
{
    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (char)code), '"', '\\']);

    /// <summary>What <c>save_pretrained</c> writes: <c>{"format": "pt"}</c>.</summary>
    public static IReadOnlyDictionary<string, string> DefaultMetadata { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Writes a file whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <param name="path">Where the file shall stand.</param>
    /// <param name="tensors">The tensors, in any order.</param>
    /// <param name="metadata">The file's metadata, written in its order; null for <see cref="DefaultMetadata"/>, empty for none.</param>
    /// <exception cref="SafetensorsFormatException">Two tensors of one name, a size that does not fit type and shape, a header too long,
    /// ….</exception>
    /// <exception cref="IOException">The disk is full, the place is read-only, …; what was there before is whole.</exception>
    public static void Write(string path, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        var (sorted, header) = Prepare(tensors, metadata, path);
        AtomicFile.Write(path, stream => WriteTo(stream, sorted, header, path));
    }

    /// <summary>Writes to a stream, which need not seek.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">The tensors, in any order.</param>
    /// <param name="metadata">The file's metadata, written in its order; null for <see cref="DefaultMetadata"/>, empty for none.</param>
    /// <exception cref="SafetensorsFormatException">Two tensors of one name, a size that does not fit type and shape, a header too long,
    /// ….</exception>
    public static void Write(Stream stream, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        const string Name = "(stream)";
        var (sorted, header) = Prepare(tensors, metadata, Name);
        WriteTo(stream, sorted, header, Name);
    }

    private static void WriteTo(Stream stream, IReadOnlyList<(TensorData Tensor, long ByteLength)> tensors, byte[] header, string file)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (tensor, byteLength) in tensors)
        {
            using var counted = new CountedStream(stream, byteLength, written => WrongSize(tensor, byteLength, written, file));
            tensor.WriteTo(counted);
            if (counted.Written != byteLength)
                throw WrongSize(tensor, byteLength, counted.Written, file);
        }
    }

    private static SafetensorsFormatException WrongSize(TensorData tensor, long expected, long written, string file) => new(
        file,
        $"tensor '{tensor.Name}' gives {written}{(written > expected ? " or more" : "")} bytes, but {tensor.Dtype.ToName()} of shape "
            + $"{SafetensorsHeaderReader.ShowShape(tensor.Shape)} has {expected}.",
        tensor.Name);

    private static (IReadOnlyList<(TensorData Tensor, long ByteLength)> Sorted, byte[] Header) Prepare(
        IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata, string file)
    {
        // The format's order of names is that of their UTF-8 bytes, which UTF-16's is not.
        var sorted = tensors
            .Select(tensor => (Tensor: tensor, Key: Utf8Name(tensor.Name, file), ByteLength: ByteLength(tensor, file)))
            .OrderByDescending(entry => entry.Tensor.Dtype)
            .ThenBy(entry => entry.Key, Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)))
            .Select(entry => (entry.Tensor, entry.ByteLength))
            .ToList();

        var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        var json = new StringBuilder("{");
        AppendMetadata(json, metadata ?? DefaultMetadata);
        long offset = 0;
        foreach (var (tensor, byteLength) in sorted)
        {
            if (!names.Add(tensor.Name))
                throw new SafetensorsFormatException(file, $"the name '{tensor.Name}' is taken: every tensor needs a name of its own.",
                    tensor.Name);
            if (byteLength > long.MaxValue - offset)
                throw new SafetensorsFormatException(file, "the tensors together overflow 64 bits.", tensor.Name);
            if (json.Length > 1)
                json.Append(',');
            AppendString(json, tensor.Name);
            string dtype = tensor.Dtype.ToName();
            string shape = string.Join(',', tensor.Shape);
            string place = string.Create(CultureInfo.InvariantCulture, $"{offset},{offset + byteLength}");
            json.Append(CultureInfo.InvariantCulture, $$""":{"dtype":"{{dtype}}","shape":[{{shape}}],"data_offsets":[{{place}}]}""");
            offset += byteLength;
            if (json.Length > SafetensorsFile.MaximumHeaderLength)
                throw TooLong(json.Length, file);
        }
        return (sorted, Encode(json.Append('}'), file));
    }

    private static byte[] Encode(StringBuilder json, string file)
    {
        byte[] text = Utf8Name(json.ToString(), file);
        int padded = checked((text.Length + 7) / 8 * 8);
        if (padded > SafetensorsFile.MaximumHeaderLength)
            throw TooLong(padded, file);
        byte[] header = new byte[padded];
        text.CopyTo(header, 0);
        header.AsSpan(text.Length).Fill((byte)' ');
        return header;
    }

    private static SafetensorsFormatException TooLong(int length, string file) => new(
        file,
        $"the header would have {length} bytes or more; the format allows {SafetensorsFile.MaximumHeaderLength}. Write several files.");

    private static byte[] Utf8Name(string name, string file)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(name);
        }
        catch (EncoderFallbackException exception)
        {
            throw new SafetensorsFormatException(file, "a name or a metadata value holds an unpaired surrogate, which is no text.",
                innerException: exception);
        }
    }

    private static long ByteLength(TensorData tensor, string file) =>
        SafetensorsHeaderReader.TryByteLength(tensor.Dtype, tensor.Shape, out long byteLength)
            ? byteLength
            : throw new SafetensorsFormatException(
                file,
                $"tensor '{tensor.Name}' has a shape with a negative size, or one that overflows 64 bits: "
                    + $"{SafetensorsHeaderReader.ShowShape(tensor.Shape)}.",
                tensor.Name);

    private static void AppendMetadata(StringBuilder json, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
            return;
        json.Append("\"__metadata__\":{");
        string separator = "";
        foreach (var (key, value) in metadata)
        {
            json.Append(separator);
            AppendString(json, key);
            json.Append(':');
            AppendString(json, value);
            separator = ",";
        }
        json.Append('}');
    }

    /// <summary>Escapes what JSON demands and nothing else, as the format's own writer does.</summary>
    private static void AppendString(StringBuilder json, string text)
    {
        json.Append('"');
        var rest = text.AsSpan();
        while (rest.IndexOfAny(Escaped) is var at and >= 0)
        {
            json.Append(rest[..at]);
            _ = rest[at] switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                var control => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)control:x4}"),
            };
            rest = rest[(at + 1)..];
        }
        json.Append(rest);
        json.Append('"');
    }
}
