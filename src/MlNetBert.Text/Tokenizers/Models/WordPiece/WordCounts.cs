namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>Words and how often they occur, in a defined order: most frequent first, equals by their characters' numbers.</summary>
internal sealed class WordCounts
{
    public WordCounts(WordTally tally, long texts, WordPieceTokenizerOptions tokenizer, AccentedWords? accents)
    {
        Texts = texts;
        TooLong = tally.TooLong;
        Tokenizer = tokenizer;
        Accents = accents;
        Items = [.. tally.Words.Select(entry => (entry.Key, entry.Value))];
        Array.Sort(Items, static (left, right) =>
        {
            int byCount = right.Count.CompareTo(left.Count);
            return byCount != 0 ? byCount : string.CompareOrdinal(left.Word, right.Word);
        });
        foreach ((_, long count) in Items)
            Words += count;
    }

    public (string Word, long Count)[] Items { get; }

    public int Count => Items.Length;

    public long Texts { get; }

    public long Words { get; }

    /// <summary>How many further words are longer than a word may be.</summary>
    public long TooLong { get; }

    /// <summary>How these words were cut, what the texts decided included.</summary>
    public WordPieceTokenizerOptions Tokenizer { get; }

    /// <summary>What decided about accents; null where the options did.</summary>
    public AccentedWords? Accents { get; }
}
