namespace MlNetBert.Embeddings;

/// <summary>What a sentence-transformers directory asks for that is not supported.</summary>
/// <param name="File">The file that asks for it.</param>
/// <param name="Text">What it is, and what to do.</param>
internal sealed record SentenceFault(string File, string Text)
{
    /// <summary>What an exception tells.</summary>
    public static SentenceFault Of(ModelFormatException exception) =>
        new(exception.FilePath, exception.Message[(exception.FilePath.Length + 2)..]);

    public ModelFormatException ToException() => new(File, Text);
}
