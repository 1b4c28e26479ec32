using System.Text.Json;
using MlNetBert.HuggingFace;

namespace MlNetBert.Embeddings;

/// <summary>
/// How a sentence-transformers directory wants its model used (modules.json, 1_Pooling/config.json, sentence_bert_config.json). Another
/// directory says nothing.
/// </summary>
/// <param name="Pooling">How token vectors become one; null where it is not said.</param>
/// <param name="Normalize">Whether vectors are scaled to length 1.</param>
/// <param name="MaxLength">Tokens that are read; null where it is not said.</param>
/// <param name="LowerCase">Whether a text is lower-cased before the tokenizer sees it, whatever that does.</param>
/// <param name="StageFault">What the directory's vectors need and is not supported, however they are pooled; null for nothing. Other uses
/// of the model do not need it.</param>
/// <param name="PoolingFault">The same of its pooling.</param>
internal sealed record SentenceSettings(
    Pooling? Pooling,
    bool Normalize,
    int? MaxLength,
    bool LowerCase = false,
    SentenceFault? StageFault = null,
    SentenceFault? PoolingFault = null)
{
    private const string PoolingFolder = "1_Pooling";

    public static SentenceSettings None { get; } = new(null, false, null);

    /// <summary>Reads the settings of a model directory.</summary>
    /// <exception cref="ModelFormatException">A file is malformed.</exception>
    public static SentenceSettings Read(string directory)
    {
        var modulesPath = Path.Combine(directory, ModelFiles.SentenceModules);
        if (!File.Exists(modulesPath))
            return None;
        return ReadJson(modulesPath, modules =>
        {
            var stages = modules.EnumerateArray().Select(m =>
                (Type: m.GetProperty("type").GetString()?.Split('.').Last() ?? "",
                    Path: m.TryGetProperty("path", out var path) ? path.GetString() : null)).ToList();
            var stageFault = stages.Find(s => s.Type is not ("Transformer" or "Pooling" or "Normalize")) is { Type: { } other }
                ? new SentenceFault(modulesPath,
                    $"expected the stages Transformer, Pooling and Normalize, found '{other}', which is not supported: "
                        + "the vectors would be others.")
                : null;
            var (pooling, poolingFault) = ReadPooling(directory);
            if (stages.Find(s => s.Type == "Pooling") is { Path: { } folder } && folder != PoolingFolder)
                poolingFault = new SentenceFault(modulesPath,
                    $"expected the pooling's settings in {PoolingFolder}, found '{folder}', which is not supported.");
            var (maxLength, lowerCase) = ReadTransformer(directory);
            return new SentenceSettings(pooling, stages.Exists(s => s.Type == "Normalize"), maxLength, lowerCase, stageFault, poolingFault);
        });
    }

    private static (Pooling? Pooling, SentenceFault? Fault) ReadPooling(string directory)
    {
        var path = Path.Combine(directory, ModelFiles.PoolingConfig.Replace('/', Path.DirectorySeparatorChar));
        if (!File.Exists(path))
            return (null, null);
        return ReadJson<(Pooling?, SentenceFault?)>(path, config => ModesOf(config) switch
        {
            ["mean"] => (MlNetBert.Pooling.Mean, null),
            ["cls"] => (MlNetBert.Pooling.Cls, null),
            ["max"] => (MlNetBert.Pooling.Max, null),
            var modes => (null, new SentenceFault(
                path, $"asks for the pooling {string.Join(" with ", modes.DefaultIfEmpty("none"))}, which is not supported: expected one "
                    + $"of mean, cls and max. Say which one to take ({nameof(EmbeddingOptions)}.{nameof(EmbeddingOptions.Pooling)}).")),
        });
    }

    /// <summary>The pooling modes by the names of sentence-transformers 5.4, which older files have as a flag each.</summary>
    private static List<string> ModesOf(JsonElement config)
    {
        if (config.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{config.ValueKind} instead of an object.");
        var flagged = FlagsOf(config);
        if (!config.TryGetProperty("pooling_mode", out var mode) || mode.ValueKind == JsonValueKind.Null)
            return flagged;
        List<string> named = mode.ValueKind switch
        {
            JsonValueKind.String => [mode.GetString()!],
            JsonValueKind.Array when mode.EnumerateArray().All(m => m.ValueKind == JsonValueKind.String) =>
                [.. mode.EnumerateArray().Select(m => m.GetString()!)],
            _ => throw new FormatException($"pooling_mode {mode.GetRawText()}, which is neither a name nor a list of names."),
        };
        return flagged.Count == 0 || flagged.Order(StringComparer.Ordinal).SequenceEqual(named.Order(StringComparer.Ordinal))
            ? named
            : [$"{string.Join(" with ", named)} beside flags for {string.Join(" with ", flagged)}"];
    }

    private static List<string> FlagsOf(JsonElement config)
    {
        const string Flag = "pooling_mode_";
        return [.. config.EnumerateObject()
            .Where(p => p.Name.StartsWith(Flag, StringComparison.Ordinal) && p.Value.ValueKind == JsonValueKind.True)
            .Select(p =>
                p.Name[Flag.Length..] switch { "mean_tokens" => "mean", "cls_token" => "cls", "max_tokens" => "max", var name => name })];
    }

    private static (int? MaxLength, bool LowerCase) ReadTransformer(string directory)
    {
        var path = Path.Combine(directory, ModelFiles.SentenceConfig);
        if (!File.Exists(path))
            return (null, false);
        return ReadJson<(int?, bool)>(path, config => (
            config.TryGetProperty("max_seq_length", out var length) && length.ValueKind == JsonValueKind.Number ? length.GetInt32() : null,
            config.TryGetProperty("do_lower_case", out var lower) && lower.ValueKind != JsonValueKind.Null && lower.GetBoolean()));
    }

    private static T ReadJson<T>(string path, Func<JsonElement, T> read)
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
}
