using System.Runtime.CompilerServices;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>
/// Spells words by a model, behind two caches of words: one of short ASCII words, and one of all others, up to a length. Both are bounded,
/// lossy and without locks; an entry of the latter is immutable and replaced as a whole. They are made with the first word: a tokenizer may
/// be opened for its pieces alone.
/// </summary>
internal sealed class WordSpeller(SubwordModel model)
{
    private const int LongestCachedWord = 64;
    private const int Slots = 1 << 16;
    private AsciiWordCache? _shortWords;
    private Spelling?[]? _words;

    /// <summary>Spells a short word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="pieces">Its pieces, one at least.</param>
    /// <returns>Whether they could be packed; else the other method has them.</returns>
    /// <exception cref="InvalidOperationException">The word cannot be spelled, and there is no unknown token.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySpell(AsciiWord word, out PackedPieces pieces) =>
        (_shortWords ??= new()).TryGet(word, out pieces) || TrySpellAnew(word, out pieces);

    /// <summary>Spells a word.</summary>
    /// <param name="word">The word.</param>
    /// <returns>Its pieces.</returns>
    /// <exception cref="InvalidOperationException">The word cannot be spelled, and there is no unknown token.</exception>
    public Spelling Spell(ReadOnlySpan<char> word)
    {
        if (word.Length > LongestCachedWord)
            return Spelling.Of(word, model);
        ref Spelling? slot = ref (_words ??= new Spelling?[Slots])[TextHash.Of(word) & (Slots - 1)];
        return slot is { } found && word.SequenceEqual(found.Word) ? found : slot = Spelling.Of(word, model);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TrySpellAnew(AsciiWord word, out PackedPieces pieces)
    {
        var spelled = new List<Subword>();
        model.Spell(word.WriteTo(stackalloc char[AsciiWord.BlockLength]), spelled);
        if (!PackedPieces.TryPack(spelled, out pieces))
            return false;
        _shortWords!.Set(word, pieces); // as TrySpell made it
        return true;
    }

    /// <summary>A word's pieces; the lengths are null where one stands for all of it.</summary>
    internal sealed record Spelling(string Word, int[] Ids, int[]? Lengths)
    {
        public static Spelling Of(ReadOnlySpan<char> word, SubwordModel model)
        {
            var pieces = new List<Subword>();
            model.Spell(word, pieces);
            return new Spelling(
                word.Length <= LongestCachedWord ? word.ToString() : string.Empty,
                [.. pieces.Select(piece => piece.Id)],
                pieces.Count == 1 ? null : [.. pieces.Select(piece => piece.Length)]);
        }
    }
}
