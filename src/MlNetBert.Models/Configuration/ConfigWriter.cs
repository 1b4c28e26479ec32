using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MlNetBert.Models.Configuration;

/// <summary>Writes config.json as <c>save_pretrained</c> does.</summary>
internal static class ConfigWriter
{
    private static readonly JsonSerializerOptions Layout =
        new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// The keys of <paramref name="source"/> in their order with the known values put in, then the known ones it lacked; sorted where there
    /// is no source.
    /// </summary>
    public static JsonObject Merge(string? source, IEnumerable<ConfigEntry> known)
    {
        var result = new JsonObject();
        var values = known.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        if (source is null)
        {
            foreach (var entry in values.Values.Where(entry => entry.Always).OrderBy(entry => entry.Key, StringComparer.Ordinal))
                result.Add(entry.Key, entry.Value);
            return result;
        }

        // transformers before version 5 called the key torch_dtype: a file keeps the name it had.
        var original = JsonNode.Parse(source)!.AsObject();
        if (values.Remove("dtype", out var dtype))
            values.Add(original.ContainsKey("torch_dtype") ? "torch_dtype" : "dtype", dtype);
        foreach (var (key, value) in original)
        {
            if (!values.Remove(key, out var entry))
                result.Add(key, value?.DeepClone());
            else
                result.Add(key, SameValue(value, entry.Value) ? value?.DeepClone() : entry.Value);
        }

        foreach (var entry in values.Values.Where(entry => entry.Always && !entry.IsImplied))
            result.Add(entry.Key, entry.Value);
        return result;
    }

    /// <summary>The object as text.</summary>
    public static string Format(JsonObject json) => json.ToJsonString(Layout) + "\n";

    /// <summary>A floating-point number as Python writes it: <c>1e-12</c>, <c>0.1</c>, <c>160000.0</c>.</summary>
    public static JsonNode Number(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        if (!text.Contains('e', StringComparison.Ordinal) && !text.Contains('.', StringComparison.Ordinal))
            text += ".0";
        return JsonNode.Parse(text)!;
    }

    // 0.1 and 1e-1 are one number, gelu_new and gelu_pytorch_tanh one function, [2] and 2 one token: the file's own spelling stays.
    private static bool SameValue(JsonNode? old, JsonNode? now) =>
        JsonNode.DeepEquals(old, now)
        || (old is JsonArray { Count: 1 } list && now is JsonValue && JsonNode.DeepEquals(list[0], now))
        || (old?.GetValueKind() == JsonValueKind.String && now?.GetValueKind() == JsonValueKind.String
            && ActivationNames.Parse(old.GetValue<string>()) is { } function && function == ActivationNames.Parse(now.GetValue<string>()))
        || (old?.GetValueKind() == JsonValueKind.Number && now?.GetValueKind() == JsonValueKind.Number
            && old.ToJsonString() is var a && now.ToJsonString() is var b
            && double.Parse(a, CultureInfo.InvariantCulture).Equals(double.Parse(b, CultureInfo.InvariantCulture)));
}
