using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>
/// A part of a tokenizer's file that knows the file and its path in it, so that whatever is wrong with it can be told. Every member throws
/// a <see cref="TokenizerFormatException"/> where the part is not what it must be.
/// </summary>
[StructLayout(LayoutKind.Auto)]
[Experimental("MLNETBERT001")]
public readonly struct JsonPart
{
    private readonly string _file;
    private readonly string _path;

    private JsonPart(string file, string path, JsonElement element)
    {
        _file = file;
        _path = path;
        Element = element;
    }

    /// <summary>What stands there; undefined where nothing does.</summary>
    public JsonElement Element { get; }

    /// <summary>Where it stands.</summary>
    internal JsonPlace Place => new(_file, _path);

    /// <summary>Whether nothing stands there, or null.</summary>
    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>Whether it is an object.</summary>
    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    /// <summary>Parses a file that must be one JSON object, no name in it twice.</summary>
    internal static JsonPart Parse(ReadOnlyMemory<byte> bytes, string file)
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

    /// <summary>A member of an object.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The member; undefined where there is none.</returns>
    /// <exception cref="TokenizerFormatException">The part is no object.</exception>
    public JsonPart Optional(string name)
    {
        if (!IsObject)
            throw Fail($"must be an object, but is {Kind(Element)}");
        return new JsonPart(_file, _path.Length == 0 ? name : $"{_path}.{name}",
            Element.TryGetProperty(name, out JsonElement value) ? value : default);
    }

    /// <summary>A member that an object must have.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The member.</returns>
    /// <exception cref="TokenizerFormatException">The part is no object, or has no such member.</exception>
    public JsonPart Required(string name)
    {
        JsonPart part = Optional(name);
        return part.Element.ValueKind == JsonValueKind.Undefined ? throw part.Fail("is missing") : part;
    }

    /// <summary>The items of an array.</summary>
    /// <returns>The items, in their order.</returns>
    /// <exception cref="TokenizerFormatException">The part is no array.</exception>
    public IEnumerable<JsonPart> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
            throw Fail($"must be an array, but is {Kind(Element)}");
        int index = 0;
        foreach (JsonElement item in Element.EnumerateArray())
            yield return new JsonPart(_file, string.Create(CultureInfo.InvariantCulture, $"{_path}[{index++}]"), item);
    }

    /// <summary>The members of an object.</summary>
    /// <returns>The members, in their order.</returns>
    /// <exception cref="TokenizerFormatException">The part is no object.</exception>
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

            yield return (name, new JsonPart(_file, _path.Length == 0 ? name : $"{_path}.{name}", member.Value));
        }
    }

    /// <summary>The pieces of a model, as an object with an id for each.</summary>
    /// <returns>The ids by pieces, in the order of the ids.</returns>
    /// <exception cref="TokenizerFormatException">The part is no such object, an id is negative or is there twice, or so many ids have no
    /// piece that it is a mistake.</exception>
    public IReadOnlyDictionary<string, int> GetVocabulary()
    {
        var vocabulary = new TokenizerVocabulary();
        foreach ((int id, string piece, JsonPart value) in
            Members().Select(member => (Id: member.Value.GetInteger(), member.Name, member.Value)).OrderBy(member => member.Id))
        {
            if (vocabulary.Add(piece, id, spelt: true) is { } fault)
                throw value.Fail(fault);
        }

        return vocabulary.Ids;
    }

    /// <summary>A string.</summary>
    /// <returns>Its value.</returns>
    /// <exception cref="TokenizerFormatException">The part is no string, or not valid Unicode.</exception>
    public string GetString()
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

    /// <summary>A member that is a string, null or missing.</summary>
    internal string? OptionalString(string name) => Optional(name) is { IsNull: false } part ? part.GetString() : null;

    /// <summary>A member that is a truth value, null or missing.</summary>
    internal bool? OptionalBoolean(string name) => Optional(name) is { IsNull: false } part ? part.GetBoolean() : null;

    /// <summary>A truth value.</summary>
    /// <returns>Its value.</returns>
    /// <exception cref="TokenizerFormatException">The part is neither true nor false.</exception>
    public bool GetBoolean() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fail($"must be true or false, but is {Kind(Element)}"),
    };

    /// <summary>A whole number.</summary>
    /// <returns>Its value.</returns>
    /// <exception cref="TokenizerFormatException">The part is no whole number of 32 bits.</exception>
    public int GetInteger() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out int value)
        ? value
        : throw Fail($"must be a whole number of 32 bits, but is {Kind(Element)}");

    /// <summary>A whole number that counts something.</summary>
    internal int GetCount() => GetInteger() is >= 0 and var count ? count : throw Fail("must be at least 0");

    /// <summary>A string of one character.</summary>
    internal Rune GetCharacter()
    {
        Rune[] characters = [.. GetString().EnumerateRunes()];
        return characters is [var only] ? only : throw Fail($"must be one character, but is '{GetString()}'");
    }

    /// <summary>A string that is the name of a value.</summary>
    /// <typeparam name="T">The values.</typeparam>
    internal T GetNamed<T>()
        where T : struct, Enum
    {
        string name = GetString();
        string[] names = Enum.GetNames<T>();
        return Array.IndexOf(names, name) is >= 0 and var place
            ? Enum.GetValues<T>()[place]
            : throw Fail($"is {name}, but must be {string.Join(" or ", names)}");
    }

    /// <summary>A finite number.</summary>
    internal double GetNumber() =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetDouble(out double value) && double.IsFinite(value)
            ? value
            : throw Fail($"must be a finite number, but is {Kind(Element)}");

    /// <summary>What to throw where something is wrong with the part.</summary>
    /// <param name="fault">What is wrong, as a sentence that the path begins: "must be at least 1, but is 0".</param>
    /// <param name="inner">What it came from.</param>
    /// <returns>The exception, which names file and path.</returns>
    public TokenizerFormatException Fail(string fault, Exception? inner = null) => Place.Fail(fault, inner);

    /// <summary>Reads the object by its <c>type</c>; null where nothing stands there.</summary>
    internal T? OneOf<T>(IReadOnlyDictionary<string, Func<JsonPart, T>> readers)
        where T : class
    {
        if (IsNull)
            return null;
        JsonPart type = Required("type");
        return readers.TryGetValue(type.GetString(), out Func<JsonPart, T>? read)
            ? read(this)
            : throw type.Fail($"is {type.GetString()}, which is not supported: it must be {string.Join(" or ", readers.Keys)}");
    }

    /// <summary>The pieces of a sequence, none of them null.</summary>
    internal T[] Pieces<T>(Func<JsonPart, T?> read)
        where T : class => [.. Items().Select(item => read(item) ?? throw item.Fail("is null"))];

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Undefined => "missing",
        _ => element.GetRawText() is { Length: > 60 } text ? text[..60] + "…" : element.GetRawText(),
    };
}
