using System.Runtime.CompilerServices;
using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Gathers ids.</summary>
internal readonly struct IdSink(WordSpeller speller, List<int> ids) : IWordSink
{
    public static bool TracksOffsets => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Word(AsciiWord word, int start)
    {
        if (!speller.TrySpell(word, out PackedPieces pieces))
        {
            WordOfManyPieces(word);
            return;
        }

        Add(pieces);
    }

    public void Word(ReadOnlySpan<char> word, bool tooLong, ReadOnlySpan<TokenOffset> places) =>
        ids.AddRange(new ReadOnlySpan<int>(speller.Spell(word).Ids));

    public void Part(ReadOnlySpan<char> text, int start, PipelineScanner scanner)
    {
        if (speller.TrySpell(text, start, scanner, out PackedPieces pieces))
        {
            Add(pieces);
            return;
        }

        if (speller.TrySpell(text, start, scanner, out SpelledPart? part))
        {
            ids.AddRange(new ReadOnlySpan<int>(part.Ids));
            return;
        }

        IdSink self = this;
        scanner.Scan(text, start, ref self);
    }

    public void Token(int id, TokenOffset place) => ids.Add(id);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(in PackedPieces pieces)
    {
        int i = 0;
        do
            ids.Add(PackedPieces.IdOf(pieces[i]));
        while (++i < PackedPieces.Most && pieces[i] != 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WordOfManyPieces(AsciiWord word) =>
        Word(word.WriteTo(stackalloc char[AsciiWord.BlockLength]), tooLong: false, default);
}
