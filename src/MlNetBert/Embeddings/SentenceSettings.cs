using System.Text.Json;
using MlNetBert.HuggingFace;

namespace MlNetBert.Embeddings;

/// <summary>How a sentence-transformers directory wants its model used (modules.json, 1_Pooling/config.json, sentence_bert_config.json). Another directory says nothing.</summary>
/// <param name="Pooling">How token vectors become one; null where it is not said.</param>
/// <param name="Normalize">Whether vectors are scaled to length 1.</param>
/// <param name="MaxLength">Tokens that are read; null where it is not said.</param>
internal sealed record SentenceSettings(Pooling? Pooling, bool Normalize, int? MaxLength)
{
    public static SentenceSettings None { get; } = new(null, false, null);

    /// <summary>Reads the settings of a model directory.</summary>
    /// <exception cref="ModelFormatException">A file is malformed, or asks for what is not supported.</exception>
    public static SentenceSettings Read(string directory)
    {
        var modulesPath = Path.Combine(directory, ModelFiles.SentenceModules);
        if (!File.Exists(modulesPath))
            return None;
        return ReadJson(modulesPath, modules =>
        {
            var stages = modules.EnumerateArray().Select(m => m.GetProperty("type").GetString()?.Split('.').Last() ?? "").ToList();
            if (stages.Find(s => s is not ("Transformer" or "Pooling" or "Normalize")) is { } other)
                throw new ModelFormatException(modulesPath, $"expected the stages Transformer, Pooling and Normalize, found '{other}', which is not supported.");
            return new SentenceSettings(ReadPooling(directory), stages.Contains("Normalize"), ReadMaxLength(directory));
        });
    }

    private static Pooling? ReadPooling(string directory)
    {
        var path = Path.Combine(directory, ModelFiles.PoolingConfig.Replace('/', Path.DirectorySeparatorChar));
        if (!File.Exists(path))
            return null;
        return ReadJson<Pooling?>(path, config =>
        {
            var modes = config.EnumerateObject().Where(p => p.Name.StartsWith("pooling_mode_", StringComparison.Ordinal) && p.Value.ValueKind == JsonValueKind.True).Select(p => p.Name).ToList();
            return modes switch
            {
                ["pooling_mode_mean_tokens"] => MlNetBert.Pooling.Mean,
                ["pooling_mode_cls_token"] => MlNetBert.Pooling.Cls,
                ["pooling_mode_max_tokens"] => MlNetBert.Pooling.Max,
                _ => throw new ModelFormatException(path, $"expected one of pooling_mode_mean_tokens, pooling_mode_cls_token and pooling_mode_max_tokens, found {string.Join(" and ", modes.DefaultIfEmpty("none"))}, which is not supported."),
            };
        });
    }

    private static int? ReadMaxLength(string directory)
    {
        var path = Path.Combine(directory, ModelFiles.SentenceConfig);
        if (!File.Exists(path))
            return null;
        return ReadJson<int?>(path, config => config.TryGetProperty("max_seq_length", out var length) && length.ValueKind == JsonValueKind.Number ? length.GetInt32() : null);
    }

    private static T ReadJson<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException and not ModelFormatException)
        {
            throw new ModelFormatException(path, $"expected the settings of a sentence-transformers model, found {e.Message}", e);
        }
    }
}
