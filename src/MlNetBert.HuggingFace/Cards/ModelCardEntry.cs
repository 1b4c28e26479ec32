namespace MlNetBert.HuggingFace.Cards;

/// <summary>A row of a table in a model card.</summary>
/// <param name="Name">What it is, such as <c>Learning rate</c>.</param>
/// <param name="Value">Its value as it shall be read.</param>
internal sealed record ModelCardEntry(string Name, string Value);
