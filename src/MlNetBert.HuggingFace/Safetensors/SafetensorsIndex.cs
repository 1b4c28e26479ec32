using System.Text.Json;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>Reads <c>model.safetensors.index.json</c> strictly: which tensor is in which file.</summary>
internal static class SafetensorsIndex
{
    /// <summary>Reads an index file.</summary>
    public static Dictionary<string, string> Read(string path)
    {
        long length = new FileInfo(path).Length;
        if (length > SafetensorsFile.MaximumHeaderLength)
            throw new SafetensorsFormatException(path,
                $"has {length} bytes; an index of more than {SafetensorsFile.MaximumHeaderLength} is none.");
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads an index: tensor → file.</summary>
    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> json, string file)
    {
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            return ReadIndex(ref reader, file);
        }
        catch (JsonException exception)
        {
            throw new SafetensorsFormatException(file, $"is not JSON: {SafetensorsHeaderReader.Shorten(exception.Message)}",
                innerException: exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new SafetensorsFormatException(file, $"holds a string that is no text: {exception.Message}", innerException: exception);
        }
    }

    private static Dictionary<string, string> ReadIndex(ref Utf8JsonReader reader, string file)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new SafetensorsFormatException(file, "must be a JSON object with a weight_map.");
        Dictionary<string, string>? map = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isMap = reader.ValueTextEquals("weight_map");
            reader.Read();
            if (!isMap)
            {
                reader.Skip();
                continue;
            }
            if (map is not null)
                throw new SafetensorsFormatException(file, "has weight_map twice: which of the two is meant cannot be told.");
            map = ReadMap(ref reader, file);
        }
        while (reader.Read())
        {
            // Only white space may follow; anything else is a JsonException.
        }
        return map ?? throw new SafetensorsFormatException(file, "has no weight_map, which says which tensor is in which file.");
    }

    private static Dictionary<string, string> ReadMap(ref Utf8JsonReader reader, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new SafetensorsFormatException(file, $"weight_map must be an object {{tensor: file}}, but is a {reader.TokenType}.");
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string tensor = reader.GetString()!;
            reader.Read();
            string shown = SafetensorsHeaderReader.Shorten(tensor);
            if (reader.TokenType != JsonTokenType.String)
                throw new SafetensorsFormatException(
                    file, $"weight_map must give a file's name for tensor '{shown}', but gives a {reader.TokenType}.", tensor);
            string shard = reader.GetString()!;
            if (RelativePath.FaultOf(shard) is { } fault)
                throw new SafetensorsFormatException(
                    file,
                    $"weight_map gives tensor '{shown}' the file '{SafetensorsHeaderReader.Shorten(shard)}', which is refused: {fault}.",
                    tensor);
            if (!map.TryAdd(tensor, shard))
                throw new SafetensorsFormatException(
                    file, $"tensor '{shown}' comes twice in weight_map: which of the two is meant cannot be told.", tensor);
        }
        return map;
    }
}
