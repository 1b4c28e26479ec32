using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>What is read from files only to be written again.</summary>
/// <param name="Truncation">The <c>truncation</c> of tokenizer.json.</param>
/// <param name="Padding">The <c>padding</c> of tokenizer.json.</param>
/// <param name="Configuration">The members of tokenizer_config.json that mean nothing here.</param>
internal sealed record KeptSections(JsonElement? Truncation, JsonElement? Padding, IReadOnlyDictionary<string, JsonElement> Configuration)
{
    public static KeptSections None { get; } = new(null, null, new Dictionary<string, JsonElement>(StringComparer.Ordinal));
}
