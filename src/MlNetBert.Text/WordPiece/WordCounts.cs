namespace MlNetBert.Text.WordPiece;

/// <summary>Words and how often they occur, in a defined order: most frequent first, equals by their characters' numbers.</summary>
internal sealed class WordCounts
{
    public WordCounts(Dictionary<string, long> counts, long texts)
    {
        Texts = texts;
        Items = [.. counts.Select(entry => (entry.Key, entry.Value))];
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
}
