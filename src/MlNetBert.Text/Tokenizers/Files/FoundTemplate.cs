namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>A template as a file has it.</summary>
/// <param name="Template">The template.</param>
/// <param name="ClassificationToken">The one token before a text alone; null where it does not have one before and one behind it.</param>
/// <param name="SeparatorToken">The one token behind a text alone; null likewise.</param>
internal sealed record FoundTemplate(SpecialTokenTemplate Template, string? ClassificationToken, string? SeparatorToken);
