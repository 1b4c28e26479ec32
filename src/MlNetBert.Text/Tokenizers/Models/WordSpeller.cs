namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>
/// Spells words by a model, behind a cache of words. The cache is bounded, lossy and without locks: an entry is immutable and replaced as a
/// whole.
/// </summary>
internal sealed class WordSpeller(SubwordModel model)
{
    private const int LongestCachedWord = 64;
    private const int Slots = 1 << 16;
    private readonly Spelling?[] _cache = new Spelling?[Slots];

    /// <param name="word">The word.</param>
    /// <param name="hash">Its hash, the same each time: where it is looked for.</param>
    public Spelling Spell(ReadOnlySpan<char> word, uint hash)
    {
        Spelling? found = _cache[hash & (Slots - 1)];
        return found is not null && found.Hash == hash && word.SequenceEqual(found.Word) ? found : SpellAnew(word, hash);
    }

    private Spelling SpellAnew(ReadOnlySpan<char> word, uint hash)
    {
        var pieces = new List<Subword>();
        model.Spell(word, pieces);
        bool isCached = word.Length <= LongestCachedWord;
        var spelling = new Spelling(hash, isCached ? word.ToString() : string.Empty,
            [.. pieces.Select(piece => piece.Id)], pieces.Count == 1 ? null : [.. pieces.Select(piece => piece.Length)]);
        if (isCached)
            _cache[hash & (Slots - 1)] = spelling;
        return spelling;
    }

    /// <summary>A word's pieces; the lengths are null where one stands for all of it.</summary>
    internal sealed record Spelling(uint Hash, string Word, int[] Ids, int[]? Lengths);
}
