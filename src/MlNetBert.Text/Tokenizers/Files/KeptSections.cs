using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>What is read from files only to be written again.</summary>
/// <param name="Truncation">The <c>truncation</c> of tokenizer.json.</param>
/// <param name="Padding">The <c>padding</c> of tokenizer.json.</param>
/// <param name="Configuration">The members of tokenizer_config.json that mean nothing here.</param>
internal sealed record KeptSections(JsonElement? Truncation, JsonElement? Padding, IReadOnlyDictionary<string, JsonElement> Configuration)
{
    /// <summary>What truncation and padding say.</summary>
    public EncodeOptions Options { get; init; } = new();

    /// <summary>The token that padding names; null where it is not in the vocabulary as that says.</summary>
    public string? PaddingToken { get; init; }

    public static KeptSections None { get; } = new(null, null, new Dictionary<string, JsonElement>(StringComparer.Ordinal));
}
