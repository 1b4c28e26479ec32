using System.Text.Json;
using MlNetBert.HuggingFace;

namespace MlNetBert.Embeddings;

/// <summary>What a sentence-transformers directory puts before a text (config_sentence_transformers.json).</summary>
/// <param name="ByName">The prompts.</param>
/// <param name="DefaultName">The name of the one that is taken unless another is asked for; null for none.</param>
internal sealed record SentencePrompts(IReadOnlyDictionary<string, string> ByName, string? DefaultName)
{
    public static SentencePrompts None { get; } = new(new Dictionary<string, string>(StringComparer.Ordinal), null);

    /// <summary>Reads them.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or its default is none of its prompts.</exception>
    public static SentencePrompts Read(string directory)
    {
        var path = Path.Combine(directory, ModelFiles.SentencePrompts);
        if (!File.Exists(path))
            return None;
        return SentenceJson.Read(path, config =>
        {
            var prompts = config.TryGetProperty("prompts", out var found) && found.ValueKind != JsonValueKind.Null
                ? found.EnumerateObject().ToDictionary(
                    prompt => prompt.Name, prompt => prompt.Value.GetString() ?? "", StringComparer.Ordinal)
                : new Dictionary<string, string>(StringComparer.Ordinal);
            var name = config.TryGetProperty("default_prompt_name", out var named) && named.ValueKind != JsonValueKind.Null
                ? named.GetString() : null;
            return name is null || prompts.ContainsKey(name)
                ? new SentencePrompts(prompts, name)
                : throw new FormatException($"the default_prompt_name '{name}', which is none of the prompts {string.Join(", ", prompts.Keys)}.");
        });
    }

    /// <summary>What is put before a text.</summary>
    /// <param name="asked">A name of the prompts or a text; null for the default.</param>
    public string TextOf(string? asked) =>
        asked is null ? DefaultName is null ? "" : ByName[DefaultName] : ByName.GetValueOrDefault(asked, asked);
}
