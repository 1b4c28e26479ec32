namespace MlNetBert.Embeddings;

/// <summary>What a sentence-transformers directory asks for that is not supported.</summary>
/// <param name="File">The file that asks for it.</param>
/// <param name="Text">What it is, and what to do.</param>
internal sealed record SentenceFault(string File, string Text)
{
    public ModelFormatException ToException() => new(File, Text);
}
