using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>The pieces of a part of a text that stands by itself. Immutable.</summary>
internal sealed class SpelledPart
{
    private readonly string _text;
    private readonly bool _beginsText;
    private readonly PipelineScanner _scanner;

    /// <summary>Finds the words of a part and spells them.</summary>
    /// <param name="text">The part.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="scanner">Finds its words.</param>
    /// <param name="speller">Spells them.</param>
    public SpelledPart(ReadOnlySpan<char> text, int start, PipelineScanner scanner, WordSpeller speller)
    {
        (_text, _beginsText, _scanner) = (text.ToString(), start == 0, scanner);
        var (ids, places) = (new List<int>(), new List<TokenOffset>());
        var sink = new OffsetSink(speller, ids, places);
        scanner.Scan(text, start, ref sink);
        Ids = [.. ids];
        Places = [.. places.Select(place => new TokenOffset(place.Start - start, place.End - start))];
    }

    /// <summary>The pieces.</summary>
    public int[] Ids { get; }

    /// <summary>Where they stand in the part.</summary>
    public TokenOffset[] Places { get; }

    /// <summary>Whether these are the pieces of a part that a scanner finds the words of.</summary>
    /// <param name="text">The part.</param>
    /// <param name="start">Where it begins; some marks stand only where a text begins.</param>
    /// <param name="scanner">The scanner.</param>
    public bool AreOf(ReadOnlySpan<char> text, int start, PipelineScanner scanner) =>
        _scanner == scanner && _beginsText == (start == 0) && text.SequenceEqual(_text);

    /// <summary>Packs the pieces; gives false where there is no room for one, or they do not stand one behind the other from end to end.
    /// </summary>
    /// <param name="length">The part's length.</param>
    /// <param name="pieces">The pieces.</param>
    public bool TryPack(int length, out PackedPieces pieces)
    {
        pieces = default;
        int end = 0;
        foreach (TokenOffset place in Places)
        {
            if (place.Start != end)
                return false;
            end = place.End;
        }

        return end == length
            && PackedPieces.TryPack([.. Ids.Zip(Places, (id, place) => new Subword(id, place.End - place.Start))], out pieces);
    }
}
