using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MlNetBert.Models.Configuration;

/// <summary>
/// Reads typed values out of config.json. A key that is missing or null gives the fallback; every refusal is a
/// <see cref="ModelConfigFormatException"/> that names the file, the key, what was expected and what was found.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class ConfigReader
{
    private readonly JsonObject _json;

    /// <summary>Reads an object of a file.</summary>
    /// <param name="json">The object.</param>
    /// <param name="file">What messages call the file.</param>
    public ConfigReader(JsonObject json, string file)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentException.ThrowIfNullOrEmpty(file);
        (_json, File) = (json, file);
    }

    /// <summary>What messages call the file.</summary>
    public string File { get; }

    /// <summary>Reads the file that a configuration was read from, which may say the same in several ways; null for one made
    /// here.</summary>
    internal static ConfigReader? OfSource(ModelConfig config) =>
        config.Source is { } json ? new(Open(Encoding.UTF8.GetBytes(json), "config.json"), "config.json") : null;

    /// <summary>Parses the file's bytes; a key that stands twice is refused.</summary>
    internal static JsonObject Open(ReadOnlyMemory<byte> utf8Json, string file)
    {
        try
        {
            // JsonDocument checks for duplicates; JsonNode would find them only when a key is asked for.
            using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelConfigFormatException(file, $"expected a JSON object, found {document.RootElement.ValueKind}.");
            var json = JsonObject.Create(document.RootElement.Clone())!;

            // Strings are decoded only when they are asked for: a copy finds the undecodable ones now.
            return JsonNode.Parse(json.ToJsonString())!.AsObject();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new ModelConfigFormatException(file, $"is not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Whether the file has a key with a value other than null.</summary>
    public bool Has(string key) => _json[key] is not null;

    /// <summary>Whether the file says null.</summary>
    internal bool IsNull(string key) => _json.ContainsKey(key) && _json[key] is null;

    /// <summary>A value as it is; null where the key is missing.</summary>
    public JsonNode? Node(string key) => _json[key];

    /// <summary>A whole number that the file must have.</summary>
    public int Required(string key) => _json[key] is null
        ? throw new ModelConfigFormatException(File,
            $"the key '{key}' is missing; a config.json of model_type '{_json["model_type"]}' must say it.")
        : Integer(key, 0);

    /// <summary>A whole number.</summary>
    public int Integer(string key, int fallback) => NullableInteger(key) ?? fallback;

    /// <summary>The id of a token: null where the file says null.</summary>
    public int? TokenId(string key, int? fallback = null) => Optional(key, fallback);

    /// <summary>A whole number that may be absent: null where the file says null.</summary>
    internal int? Optional(string key, int? fallback = null) => _json.ContainsKey(key) ? NullableInteger(key) : fallback;

    /// <summary>The ids of tokens, as one number or a list of them: none where the file says null.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">The ids where the key is missing.</param>
    public IReadOnlyList<int> TokenIds(string key, params IReadOnlyList<int> fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return !_json.ContainsKey(key) ? fallback : _json[key] switch
        {
            null => [],
            JsonArray list => [.. list.Select(item => Integer(item) ?? throw Unexpected(key, "a token's id or a list of them", list))],
            var node => [Integer(node) ?? throw Unexpected(key, "a token's id or a list of them", node)],
        };
    }

    private int? NullableInteger(string key) =>
        _json[key] is { } node ? Integer(node) ?? throw Unexpected(key, "a whole number", node) : null;

    private static int? Integer(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number
            && int.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A number.</summary>
    public double Real(string key, double fallback)
    {
        if (_json[key] is not { } node)
            return fallback;
        return node.GetValueKind() == JsonValueKind.Number
            && double.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Unexpected(key, "a number", node);
    }

    /// <summary>A probability of dropout: at least 0 and below 1.</summary>
    public double Probability(string key, double fallback)
    {
        var value = Real(key, fallback);
        return value is >= 0 and < 1 ? value : throw Unexpected(key, "a probability of at least 0 and below 1", _json[key]!);
    }

    /// <summary>True or false.</summary>
    public bool Boolean(string key, bool fallback) => _json[key] is not { } node ? fallback : node.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Unexpected(key, "true or false", node),
    };

    /// <summary>A string; null where the key is missing.</summary>
    public string? Text(string key)
    {
        if (_json[key] is not { } node)
            return null;
        return node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Unexpected(key, "a string", node);
    }

    /// <summary>An activation by Hugging Face's name.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">The name where the key is missing.</param>
    public Activation Activation(string key, string fallback = "gelu")
    {
        var name = Text(key) ?? fallback;
        return ActivationNames.Parse(name) ?? throw Unsupported(key, name, $"one of {ActivationNames.Supported}");
    }

    /// <summary>A list of strings; empty where the key is missing.</summary>
    public IReadOnlyList<string> Strings(string key) => _json[key] switch
    {
        null => [],
        JsonArray array when array.All(item => item?.GetValueKind() == JsonValueKind.String) =>
            [.. array.Select(item => item!.GetValue<string>())],
        var node => throw Unexpected(key, "a list of strings", node),
    };

    /// <summary>A number of layers that the file must have, within reason: lists are made of it.</summary>
    public int Layers(string key) => Required(key) is var layers and > 0 and <= ModelConfig.MostLayers
        ? layers
        : throw Unexpected(key, $"positive and at most {ModelConfig.MostLayers}", _json[key]!);

    /// <summary>The labels of <c>id2label</c>, else as many as <c>num_labels</c> says, else Hugging Face's two.</summary>
    private IReadOnlyList<string> Labels()
    {
        if (_json["id2label"] is not { } node)
        {
            var count = Integer("num_labels", 2);
            return count is > 0 and < 1 << 20
                ? [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i.ToString(CultureInfo.InvariantCulture)}")]
                : throw Unexpected("num_labels", "positive and below 1048576", _json["num_labels"]!);
        }

        var labels = new SortedDictionary<int, string>();
        foreach (var (key, value) in node as JsonObject ?? throw Unexpected("id2label", "an object of label names by id", node))
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || value?.GetValueKind() != JsonValueKind.String || !labels.TryAdd(id, value.GetValue<string>()))
                throw Unexpected("id2label", "label names by id from 0", node);
        }

        return labels.Count > 0 && labels.Keys.Last() == labels.Count - 1
            ? [.. labels.Values]
            : throw Unexpected("id2label", "label names by id from 0 without a gap", node);
    }

    private ProblemType? ProblemType()
    {
        if (Text("problem_type") is not { } name)
            return null;
        return ProblemTypeNames.Parse(name) ?? throw Unsupported("problem_type", name, $"one of {ProblemTypeNames.Supported}");
    }

    /// <summary>Refuses a switch that would change the model's arithmetic.</summary>
    /// <exception cref="ModelConfigFormatException">It is true.</exception>
    public void RefuseTrue(string key)
    {
        if (Boolean(key, fallback: false))
            throw Unsupported(key, "true", "false or absent");
    }

    /// <summary>The refusal of a value that is not built.</summary>
    public ModelConfigFormatException Unsupported(string key, string found, string expected) =>
        new(File,
            $"'{key}': '{found}' is not supported; expected {expected}. Numbers would differ from Hugging Face's, "
                + "so the model is not opened.");

    /// <summary>The refusal of a value that cannot be.</summary>
    public ModelConfigFormatException Unexpected(string key, string expected, JsonNode found) =>
        new(File, $"'{key}' must be {expected}, found {Shorten(found.ToJsonString())}.");

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";

    /// <summary>
    /// The configuration with what every architecture reads alike (labels, <c>problem_type</c>, <c>architectures</c>, number format,
    /// <c>initializer_range</c>, <c>tie_word_embeddings</c>) and the file itself, whose unknown keys are written back.
    /// </summary>
    /// <param name="config">The configuration with the architecture's own values.</param>
    /// <exception cref="ModelConfigFormatException">A value cannot be, or values do not fit together.</exception>
    internal ModelConfig Complete(ModelConfig config)
    {
        var whole = config with
        {
            InitializerRange = Real(config.Keys.InitializerRange, 0.02),
            TieWordEmbeddings = Boolean("tie_word_embeddings", config.TiesByDefault),
            Labels = Labels(),
            ProblemType = ProblemType(),
            Architectures = Strings("architectures"),
            Dtype = Text("dtype") ?? Text("torch_dtype"),
            Source = _json.ToJsonString(),
        };
        var faults = whole.Validate().ToList();
        return faults.Count == 0 ? whole : throw new ModelConfigFormatException(File, string.Join(" ", faults));
    }
}
