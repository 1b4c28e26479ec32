namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>What one thread has counted.</summary>
internal sealed class WordTally
{
    /// <summary>How often each word occurs.</summary>
    public Dictionary<string, long> Words { get; } = new(StringComparer.Ordinal);

    /// <summary>How many words were longer than a word may be.</summary>
    public long TooLong { get; set; }
}
