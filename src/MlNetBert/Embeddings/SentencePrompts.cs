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
            var prompts = config.Find("prompts")?.EnumerateObject().ToDictionary(
                prompt => prompt.Name, prompt => prompt.Value.GetString() ?? "", StringComparer.Ordinal) ?? [];
            var name = config.Find("default_prompt_name")?.GetString();
            return name is null || prompts.ContainsKey(name)
                ? new SentencePrompts(prompts, name)
                : throw new FormatException($"the default_prompt_name '{name}', which is none of the prompts "
                    + $"{string.Join(", ", prompts.Keys)}.");
        });
    }

    /// <summary>What is put before a text.</summary>
    /// <param name="asked">A name of the prompts or a text; null for the default.</param>
    /// <exception cref="InvalidOptionsException">It is no name of the prompts, but written as one: a word without a blank or a
    /// colon.</exception>
    public string TextOf(string? asked)
    {
        if (asked is null)
            return DefaultName is null ? "" : ByName[DefaultName];
        if (ByName.TryGetValue(asked, out var prompt))
            return prompt;
        new OptionsValidator()
            .Require(!IsWrittenAsName(asked), nameof(EmbeddingOptions.Prompt), asked,
                $"must be the name of one of the model's prompts ({string.Join(", ", ByName.Keys.DefaultIfEmpty("it has none"))}), or a "
                    + $"text that is more than a word, such as \"{asked}: \"")
            .ThrowIfAny(nameof(EmbeddingOptions));
        return asked;
    }

    private static bool IsWrittenAsName(string asked) =>
        asked.Length > 0 && asked.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.');
}
