using System.Collections.Immutable;
using System.Text.Json;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>Reads the JSON of a header token by token, so that duplicates, numbers like 1e3 and wrong types are seen.</summary>
internal sealed class SafetensorsHeaderReader(string file)
{
    private const string MetadataKey = "__metadata__";
    private const int LongestShown = 200;

    /// <summary>A name as a message shows it: a damaged file may hold one of megabytes.</summary>
    public static string Shorten(string name) =>
        name.Length <= LongestShown ? name : $"{name.AsSpan(0, LongestShown)}… ({name.Length} characters)";

    public (List<SafetensorsTensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            return ReadHeader(ref reader);
        }
        catch (JsonException exception)
        {
            throw new SafetensorsFormatException(file, $"the header is not JSON: {Shorten(exception.Message)}", innerException: exception);
        }
        catch (InvalidOperationException exception)
        {
            // An escaped half of a surrogate pair, which is no text.
            throw new SafetensorsFormatException(
                file, $"the header holds a string that is no text, near byte {reader.TokenStartIndex}: {exception.Message}",
                innerException: exception);
        }
    }

    private (List<SafetensorsTensor> Tensors, IReadOnlyDictionary<string, string> Metadata) ReadHeader(ref Utf8JsonReader reader)
    {
        var tensors = new List<SafetensorsTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        IReadOnlyDictionary<string, string> metadata = ImmutableDictionary<string, string>.Empty;
        reader.Read(); // the brace, which the caller has seen
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name))
                throw new SafetensorsFormatException(
                    file, $"the name '{Shorten(name)}' comes twice in the header: which of the two is meant cannot be told.", name);
            if (name == MetadataKey)
                metadata = ReadMetadata(ref reader);
            else
                tensors.Add(ReadTensor(ref reader, name));
        }
        while (reader.Read())
        {
            // Only white space may follow; anything else is a JsonException.
        }
        return (tensors, metadata);
    }

    private Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new SafetensorsFormatException(file, $"{MetadataKey} must be an object of strings, but is {Show(ref reader)}.");
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw new SafetensorsFormatException(file, $"{MetadataKey} '{Shorten(key)}' must be a string, but is {Show(ref reader)}.");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw new SafetensorsFormatException(file,
                    $"the name '{Shorten(key)}' comes twice in {MetadataKey}: which of the two is meant cannot be told.");
        }
        return metadata;
    }

    private SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault(name, $"must be an object with dtype, shape and data_offsets, but is {Show(ref reader)}.");
        string? dtypeName = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (!keys.Add(key))
                throw Fault(name, $"has '{Shorten(key)}' twice: which of the two is meant cannot be told.");
            reader.Read();
            switch (key)
            {
                case "dtype":
                    dtypeName = reader.TokenType == JsonTokenType.String
                        ? reader.GetString()
                        : throw Fault(name, $"has a dtype that is no string: {Show(ref reader)}.");
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, name, key, limit: int.MaxValue);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, name, key, limit: 3);
                    break;
                default:
                    reader.Skip(); // the format's own readers pass over what they do not know
                    break;
            }
        }
        return Check(name, dtypeName, shape, offsets);
    }

    private SafetensorsTensor Check(string name, string? dtypeName, List<long>? shape, List<long>? offsets)
    {
        if (dtypeName is null || shape is null || offsets is null)
            throw Fault(name, $"has no {(dtypeName is null ? "dtype" : shape is null ? "shape" : "data_offsets")}.");
        if (!SafetensorsDtypes.TryParse(dtypeName, out var dtype))
            throw Fault(name, $"has the unknown dtype '{Shorten(dtypeName)}'; known are {SafetensorsDtypes.AllNames}.");
        if (offsets.Count != 2)
            throw Fault(name,
                $"must have two data_offsets, the begin and the end, but has {offsets.Count}{(offsets.Count > 2 ? " or more" : "")}.");
        if (offsets[1] < offsets[0])
            throw Fault(name, $"ends before it begins: data_offsets [{offsets[0]}, {offsets[1]}].");
        if (!TryByteLength(dtype, shape, out long byteLength))
            throw Fault(name, $"has a shape whose size overflows 64 bits: {ShowShape(shape)} of {dtypeName}.");
        if (offsets[1] - offsets[0] != byteLength)
        {
            throw Fault(
                name,
                $"has {offsets[1] - offsets[0]} bytes (data_offsets [{offsets[0]}, {offsets[1]}]), but {dtypeName} of shape "
                    + $"{ShowShape(shape)} needs {byteLength}.");
        }
        return new SafetensorsTensor(name, dtype, [.. shape], offsets[0], byteLength);
    }

    /// <summary>The size of a tensor in bytes, or false where it overflows. Also for the writer.</summary>
    internal static bool TryByteLength(SafetensorsDtype dtype, IReadOnlyList<long> shape, out long byteLength)
    {
        byteLength = dtype.ByteWidth();
        foreach (long size in shape)
        {
            if (size < 0 || Math.BigMul(byteLength, size, out long low) != 0 || low < 0)
                return false;
            byteLength = low;
        }
        return true;
    }

    internal static string ShowShape(IReadOnlyList<long> shape) =>
        shape.Count <= 16 ? $"[{string.Join(", ", shape)}]" : $"[{string.Join(", ", shape.Take(16))}, … ({shape.Count} dimensions)]";

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string key, int limit)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Fault(name, $"has a {key} that is no array: {Show(ref reader)}.");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number)
                throw Fault(name, $"has a {key} with a value that is no number: {Show(ref reader)}.");
            var digits = reader.ValueSpan;
            if (digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                throw Fault(name, $"has a {key} with {Show(ref reader)}; it must hold whole numbers from 0, written with digits alone.");
            if (!reader.TryGetInt64(out long number))
                throw Fault(name, $"has a {key} with {Show(ref reader)}, which overflows 64 bits.");
            if (numbers.Count < limit)
                numbers.Add(number);
        }
        return numbers;
    }

    private SafetensorsFormatException Fault(string name, string fault) => new(file, $"tensor '{Shorten(name)}' {fault}", name);

    private static string Show(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"the string '{Shorten(reader.GetString()!)}'",
        JsonTokenType.Number => Shorten(System.Text.Encoding.UTF8.GetString(reader.ValueSpan)),
        _ => reader.TokenType.ToString().ToLowerInvariant(),
    };
}
