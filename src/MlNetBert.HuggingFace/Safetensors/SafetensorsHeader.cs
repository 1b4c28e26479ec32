using System.Buffers.Binary;
using System.Text.Unicode;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>The header of a safetensors file, read strictly and checked against the bytes that follow it.</summary>
internal sealed class SafetensorsHeader
{
    private const int LengthField = sizeof(ulong);

    private SafetensorsHeader(IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string> metadata, long bufferStart)
    {
        Tensors = tensors;
        Metadata = metadata;
        BufferStart = bufferStart;
    }

    /// <summary>Sorted by their place in the file.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public long BufferStart { get; }

    public static SafetensorsHeader Read(TensorBytes bytes, string file)
    {
        RequireLengthField(bytes.Length, file);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(0, LengthField));
        if (length > SafetensorsFile.MaximumHeaderLength)
        {
            throw new SafetensorsFormatException(
                file,
                $"the header says that it has {length} bytes; the format allows {SafetensorsFile.MaximumHeaderLength}. This is no "
                    + "safetensors file, or a damaged one.");
        }
        if ((long)length + LengthField > bytes.Length)
        {
            throw new SafetensorsFormatException(
                file,
                $"the header says that it has {length} bytes, but only {bytes.Length - LengthField} follow: the file is cut short "
                    + "or damaged. Fetch it again.");
        }

        var json = bytes.Slice(LengthField, (int)length);
        if (!Utf8.IsValid(json))
            throw new SafetensorsFormatException(file, $"the header ({length} bytes) is not UTF-8: the file is damaged. Fetch it again.");
        int start = json.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0 || json[start] != (byte)'{')
        {
            string found = start < 0 ? "nothing but white space" : $"'{(char)json[start]}' (0x{json[start]:X2})";
            throw new SafetensorsFormatException(file,
                $"the header must start with '{{', but starts with {found}: this is no safetensors file, or a damaged one.");
        }

        var (tensors, metadata) = new SafetensorsHeaderReader(file).Read(json);
        long bufferStart = LengthField + (long)length;
        CheckLayout(tensors, bytes.Length - bufferStart, file);
        return new SafetensorsHeader(tensors, metadata, bufferStart);
    }

    /// <summary>Refuses a file too short for the length of its header.</summary>
    public static void RequireLengthField(long fileLength, string file)
    {
        if (fileLength < LengthField)
            throw new SafetensorsFormatException(file,
                $"has {fileLength} bytes; a safetensors file has at least {LengthField}. It is empty or cut short: fetch it again.");
    }

    private static void CheckLayout(List<SafetensorsTensor> tensors, long bufferLength, string file)
    {
        tensors.Sort((left, right) => left.Offset != right.Offset
            ? left.Offset.CompareTo(right.Offset)
            : left.ByteLength.CompareTo(right.ByteLength));
        long end = 0;
        string previous = "the start of the buffer";
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != end)
            {
                string fault =
                    tensor.Offset > end ? $"a hole of {tensor.Offset - end} bytes" : $"an overlap of {end - tensor.Offset} bytes";
                string name = SafetensorsHeaderReader.Shorten(tensor.Name);
                throw new SafetensorsFormatException(
                    file, $"tensor '{name}' begins at {tensor.Offset}, but {previous} is at {end}: {fault}.",
                    tensor.Name);
            }
            end = tensor.Offset + tensor.ByteLength;
            previous = $"the end of tensor '{SafetensorsHeaderReader.Shorten(tensor.Name)}'";
        }
        if (end != bufferLength)
        {
            string last =
                tensors.Count == 0 ? "there are no tensors" : $"tensor '{SafetensorsHeaderReader.Shorten(tensors[^1].Name)}' ends at {end}";
            string fault = end > bufferLength ? "the file is cut short: fetch it again" : $"{bufferLength - end} bytes belong to no tensor";
            throw new SafetensorsFormatException(file, $"{last}, but the buffer has {bufferLength} bytes: {fault}.",
                tensors.Count == 0 ? null : tensors[^1].Name);
        }
    }
}
