using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>A part of a JSON file that knows its file and its path, so that whatever is wrong with it can be told.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct JsonPart
{
    private readonly string _file;
    private readonly string _path;

    private JsonPart(string file, string path, JsonElement element)
    {
        _file = file;
        _path = path;
        Element = element;
    }

    public JsonElement Element { get; }

    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    /// <summary>Parses a file that must be one JSON object, no name in it twice.</summary>
    public static JsonPart Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        try
        {
            if (bytes.Span.StartsWith("\uFEFF"u8))
                bytes = bytes[3..];
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = new JsonPart(file, string.Empty, document.RootElement.Clone());
            return root.IsObject ? root : throw new TokenizerFormatException(file,
                $"the file must hold a JSON object, but holds {Kind(root.Element)}. Get the file anew.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new TokenizerFormatException(file, $"the file must be valid JSON, but is not: {exception.Message} Get the file anew.",
                exception);
        }
    }

    public JsonPart Optional(string name)
    {
        if (!IsObject)
            throw Fail($"must be an object, but is {Kind(Element)}");
        return new JsonPart(_file, _path.Length == 0 ? name : $"{_path}.{name}",
            Element.TryGetProperty(name, out JsonElement value) ? value : default);
    }

    public JsonPart Required(string name)
    {
        JsonPart part = Optional(name);
        return part.Element.ValueKind == JsonValueKind.Undefined ? throw part.Fail("is missing") : part;
    }

    public IEnumerable<JsonPart> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
            throw Fail($"must be an array, but is {Kind(Element)}");
        int index = 0;
        foreach (JsonElement item in Element.EnumerateArray())
            yield return new JsonPart(_file, string.Create(CultureInfo.InvariantCulture, $"{_path}[{index++}]"), item);
    }

    public IEnumerable<(string Name, JsonPart Value)> Members()
    {
        if (!IsObject)
            throw Fail($"must be an object, but is {Kind(Element)}");
        foreach (JsonProperty member in Element.EnumerateObject())
        {
            string name;
            try
            {
                name = member.Name;
            }
            catch (InvalidOperationException exception)
            {
                throw Fail("has a name that is not valid Unicode", exception);
            }

            yield return (name, new JsonPart(_file, $"{_path}.{name}", member.Value));
        }
    }

    public string String()
    {
        if (Element.ValueKind != JsonValueKind.String)
            throw Fail($"must be a string, but is {Kind(Element)}");
        try
        {
            return Element.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw Fail("is not valid Unicode", exception);
        }
    }

    public bool Boolean() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fail($"must be true or false, but is {Kind(Element)}"),
    };

    public int Integer() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out int value)
        ? value
        : throw Fail($"must be a whole number of 32 bits, but is {Kind(Element)}");

    public TokenizerFormatException Fail(string fault, Exception? inner = null) =>
        new(_file, $"'{_path}' {fault}. Correct the file, or use a BERT tokenizer (WordPiece).", inner);

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Undefined => "missing",
        _ => element.GetRawText() is { Length: > 60 } text ? text[..60] + "…" : element.GetRawText(),
    };
}
