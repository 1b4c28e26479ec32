using System.Runtime.CompilerServices;
using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Gathers ids and where they come from.</summary>
internal readonly struct OffsetSink(WordSpeller speller, List<int> ids, List<TokenOffset> offsets) : IWordSink
{
    public static bool TracksOffsets => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Word(AsciiWord word, int start)
    {
        if (!speller.TrySpell(word, out PackedPieces pieces))
        {
            WordOfManyPieces(word, start);
            return;
        }

        Add(pieces, start, word.AddsBlank);
    }

    public void Word(ReadOnlySpan<char> word, bool tooLong, ReadOnlySpan<TokenOffset> places)
    {
        WordSpeller.Spelling spelling = speller.Spell(word);
        ids.AddRange(new ReadOnlySpan<int>(spelling.Ids));
        if (spelling.Lengths is not { } lengths)
        {
            offsets.Add(tooLong ? places[0] : new TokenOffset(places[0].Start, places[^1].End));
            return;
        }

        int position = 0;
        var place = new TokenOffset(places[0].Start, places[0].Start);
        foreach (int length in lengths)
        {
            if (length > 0)
                place = new TokenOffset(places[position].Start, places[position + length - 1].End);
            offsets.Add(place);
            position += length;
        }
    }

    public void Part(ReadOnlySpan<char> text, int start, PipelineScanner scanner)
    {
        if (speller.TrySpell(text, start, scanner, out PackedPieces pieces))
        {
            Add(pieces, start, addsBlank: false);
            return;
        }

        if (speller.TrySpell(text, start, scanner, out SpelledPart? part))
        {
            ids.AddRange(new ReadOnlySpan<int>(part.Ids));
            foreach (TokenOffset place in part.Places)
                offsets.Add(new TokenOffset(start + place.Start, start + place.End));
            return;
        }

        OffsetSink self = this;
        scanner.Scan(text, start, ref self);
    }

    public void Token(int id, TokenOffset place)
    {
        ids.Add(id);
        offsets.Add(place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(in PackedPieces pieces, int start, bool addsBlank)
    {
        int i = 0;
        do
        {
            int end = start + PackedPieces.LengthOf(pieces[i]);
            ids.Add(PackedPieces.IdOf(pieces[i]));
            int first = i == 0 && addsBlank ? start + 1 : start;
            offsets.Add(new TokenOffset(first, Math.Max(end, first + 1)));
            start = end;
        }
        while (++i < PackedPieces.Most && pieces[i] != 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WordOfManyPieces(AsciiWord word, int start)
    {
        Span<TokenOffset> places = stackalloc TokenOffset[AsciiWord.Longest];
        Word(word.WriteTo(stackalloc char[AsciiWord.BlockLength]), tooLong: false, word.PlacesFrom(start, places));
    }
}
