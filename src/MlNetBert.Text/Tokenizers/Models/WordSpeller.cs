using System.Runtime.CompilerServices;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>
/// Spells words by a model, behind caches: of short ASCII words and of all others up to a length, and the same of parts of texts. They are
/// bounded, lossy and without locks; an entry of those that are not short is immutable and replaced as a whole. They are made when they are
/// first needed: a tokenizer may be opened for its pieces alone.
/// </summary>
internal sealed class WordSpeller(SubwordModel model)
{
    private const int LongestCachedWord = 64; // and part
    private const int Slots = 1 << 16;
    private AsciiWordCache? _shortWords;
    private Spelling?[]? _words;
    private SpelledPart?[]? _parts;
    private ShortParts? _shortParts;

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

    /// <summary>Spells the words of a short part of a text: visible ASCII, whose pieces stand one behind the other.</summary>
    /// <param name="text">The part.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="scanner">Finds its words.</param>
    /// <param name="pieces">Its pieces, one at least.</param>
    /// <returns>Whether it is such a part; else the other method has its pieces.</returns>
    /// <exception cref="InvalidOperationException">A word cannot be spelled, and there is no unknown token.</exception>
    public bool TrySpell(ReadOnlySpan<char> text, int start, PipelineScanner scanner, out PackedPieces pieces)
    {
        pieces = default;
        if (text.Length is 0 or > AsciiWord.Longest || start == 0 || !scanner.IsFollowing || text.ContainsAnyExceptInRange(' ', '~'))
            return false;
        ShortParts parts = _shortParts ??= new ShortParts(scanner, new AsciiWordCache());
        if (parts.Scanner != scanner)
            return false;
        var part = new AsciiWord(AsciiWord.LoadStart(text), text.Length);
        if (parts.Pieces.TryGet(part, out pieces))
            return true;
        if (!TrySpell(text, start, scanner, out SpelledPart? spelled) || !spelled.TryPack(text.Length, out pieces))
            return false;
        parts.Pieces.Set(part, pieces);
        return true;
    }

    /// <summary>Spells the words of a part of a text.</summary>
    /// <param name="text">The part.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="scanner">Finds its words.</param>
    /// <param name="part">Its pieces.</param>
    /// <returns>Whether they are here; not where the part is too long to be seen again.</returns>
    /// <exception cref="InvalidOperationException">A word cannot be spelled, and there is no unknown token.</exception>
    /// <exception cref="InvalidTextException">The part is not valid UTF-16, and that is refused.</exception>
    public bool TrySpell(ReadOnlySpan<char> text, int start, PipelineScanner scanner, [NotNullWhen(true)] out SpelledPart? part)
    {
        part = null;
        if (text.Length > LongestCachedWord)
            return false;
        ref SpelledPart? slot = ref (_parts ??= new SpelledPart?[Slots])[TextHash.Of(text) & (Slots - 1)];
        part = slot;
        if (part?.AreOf(text, start, scanner) != true)
            slot = part = new SpelledPart(text, start, scanner, this);
        return true;
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

    /// <summary>The pieces of short parts that one scanner finds the words of.</summary>
    private sealed record ShortParts(PipelineScanner Scanner, AsciiWordCache Pieces);

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
