namespace MlNetBert.Text.Tokenizers;

/// <summary>Words already spelt, with their ids. Bounded, lossy and without locks: an entry is immutable and replaced as a whole.</summary>
internal sealed class WordCache
{
    private const int Slots = 1 << 16;
    private readonly Entry?[] _entries = new Entry?[Slots];

    public int[]? Find(ReadOnlySpan<char> word, uint hash)
    {
        Entry? entry = _entries[hash & (Slots - 1)];
        return entry is not null && entry.Hash == hash && word.SequenceEqual(entry.Word) ? entry.Ids : null;
    }

    public void Add(ReadOnlySpan<char> word, uint hash, int[] ids) => _entries[hash & (Slots - 1)] = new Entry(hash, word.ToString(), ids);

    private sealed record Entry(uint Hash, string Word, int[] Ids);
}
