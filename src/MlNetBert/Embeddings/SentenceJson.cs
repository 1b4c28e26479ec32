using System.Text.Json;

namespace MlNetBert.Embeddings;

/// <summary>Reads the JSON files of sentence-transformers directories.</summary>
internal static class SentenceJson
{
    /// <summary>Reads an object or a list.</summary>
    /// <typeparam name="T">What is made of it.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="read">Makes it.</param>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException and not ModelFormatException)
        {
            throw new ModelFormatException(path, $"expected the settings of a sentence-transformers model, found {e.Message}", e);
        }
    }

    /// <summary>What stands in an object by the names that lead to it; null where a part is missing or null.</summary>
    public static JsonElement? Find(this JsonElement json, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (!json.TryGetProperty(name, out json) || json.ValueKind == JsonValueKind.Null)
                return null;
        }

        return json;
    }
}
