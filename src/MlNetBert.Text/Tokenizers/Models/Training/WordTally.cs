namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>What one thread has counted.</summary>
internal sealed class WordTally
{
    /// <summary>How often each word occurs.</summary>
    public Dictionary<string, long> Words { get; } = new(StringComparer.Ordinal);

    /// <summary>How many words were longer than a word may be.</summary>
    public long TooLong { get; set; }

    /// <summary>How many texts were read.</summary>
    public long Texts { get; set; }

    /// <summary>Adds to the count of a word.</summary>
    public void Add(string word, long count) => Words[word] = Words.GetValueOrDefault(word) + count;
}
