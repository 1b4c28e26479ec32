using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;

namespace MlNetBert.Models.Configuration;

/// <summary>Reads typed values out of config.json; every refusal names the file, the key, what was expected and what was found.</summary>
internal sealed class ConfigReader(JsonObject json, string file)
{
    /// <summary>The file for error messages.</summary>
    public string File { get; } = file;

    /// <summary>Parses the file's bytes; a key that stands twice is refused.</summary>
    public static JsonObject Open(ReadOnlyMemory<byte> utf8Json, string file)
    {
        try
        {
            // JsonDocument checks for duplicates; JsonNode would find them only when a key is asked for.
            using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelConfigException(file, $"expected a JSON object, found {document.RootElement.ValueKind}.");
            var json = JsonObject.Create(document.RootElement.Clone())!;

            // Strings are decoded only when they are asked for: a copy finds the undecodable ones now.
            return JsonNode.Parse(json.ToJsonString())!.AsObject();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new ModelConfigException(file, $"is not JSON: {exception.Message}", exception);
        }
    }

    public bool Has(string key) => json[key] is not null;

    public JsonNode? Node(string key) => json[key];

    public int Required(string key) => json[key] is null
        ? throw new ModelConfigException(File,
            $"the key '{key}' is missing; a config.json of model_type '{json["model_type"]}' must say it.")
        : Integer(key, 0);

    public int Integer(string key, int fallback) => NullableInteger(key) ?? fallback;

    public int? NullableInteger(string key)
    {
        if (json[key] is not { } node)
            return null;
        return node.GetValueKind() == JsonValueKind.Number
            && int.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Unexpected(key, "a whole number", node);
    }

    public double Real(string key, double fallback)
    {
        if (json[key] is not { } node)
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
        return value is >= 0 and < 1 ? value : throw Unexpected(key, "a probability of at least 0 and below 1", json[key]!);
    }

    public bool Boolean(string key, bool fallback) => json[key] is not { } node ? fallback : node.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Unexpected(key, "true or false", node),
    };

    public string? Text(string key)
    {
        if (json[key] is not { } node)
            return null;
        return node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Unexpected(key, "a string", node);
    }

    public Activation Activation(string key)
    {
        var name = Text(key) ?? "gelu";
        return ActivationNames.Parse(name) ?? throw Unsupported(key, name, $"one of {ActivationNames.Supported}");
    }

    public IReadOnlyList<string> Strings(string key) => json[key] switch
    {
        null => [],
        JsonArray array when array.All(item => item?.GetValueKind() == JsonValueKind.String) =>
            [.. array.Select(item => item!.GetValue<string>())],
        var node => throw Unexpected(key, "a list of strings", node),
    };

    /// <summary>A number of layers, within reason: lists are made of it.</summary>
    public int Layers(string key) => Required(key) is var layers and > 0 and <= ModelConfig.MostLayers
        ? layers
        : throw Unexpected(key, $"positive and at most {ModelConfig.MostLayers}", json[key]!);

    /// <summary>The labels of <c>id2label</c>, else as many as <c>num_labels</c> says, else Hugging Face's two.</summary>
    public IReadOnlyList<string> Labels()
    {
        if (json["id2label"] is not { } node)
        {
            var count = Integer("num_labels", 2);
            return count is > 0 and < 1 << 20
                ? [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i.ToString(CultureInfo.InvariantCulture)}")]
                : throw Unexpected("num_labels", "positive and below 1048576", json["num_labels"]!);
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

    public ProblemType? ProblemType()
    {
        if (Text("problem_type") is not { } name)
            return null;
        return ProblemTypeNames.Parse(name) ?? throw Unsupported("problem_type", name, $"one of {ProblemTypeNames.Supported}");
    }

    /// <summary>Refuses a switch that would change the model's arithmetic.</summary>
    public void RefuseTrue(string key)
    {
        if (Boolean(key, fallback: false))
            throw Unsupported(key, "true", "false or absent");
    }

    public ModelConfigException Unsupported(string key, string found, string expected) =>
        new(File,
            $"'{key}': '{found}' is not supported; expected {expected}. Numbers would differ from Hugging Face's, "
                + "so the model is not opened.");

    public ModelConfigException Unexpected(string key, string expected, JsonNode found) =>
        new(File, $"'{key}' must be {expected}, found {Shorten(found.ToJsonString())}.");

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";

    /// <summary>Hands back the configuration once its values fit together.</summary>
    public T Checked<T>(T config)
        where T : ModelConfig
    {
        var faults = config.Faults().ToList();
        return faults.Count == 0 ? config : throw new ModelConfigException(File, string.Join(" ", faults));
    }
}
