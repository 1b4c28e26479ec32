namespace MlNetBert.Embeddings;

/// <summary>How many tokens of a text a file wants read, special tokens included.</summary>
/// <param name="Tokens">As the file says it, unchecked.</param>
/// <param name="File">The file.</param>
/// <param name="Key">Its key.</param>
internal sealed record StatedLength(int Tokens, string File, string Key);
