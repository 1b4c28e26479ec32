using System.Buffers;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Takes the words of a text that was made of another one, and hands them on with their places in that one.</summary>
internal readonly struct AlignedSink<TSink>(TSink inner, AlignedText text) : IWordSink
    where TSink : struct, IWordSink
{
    public static bool TracksOffsets => TSink.TracksOffsets;

    public void Word(AsciiWord word, int start)
    {
        if (!TSink.TracksOffsets)
        {
            inner.Word(word, start);
            return;
        }

        Span<TokenOffset> places = stackalloc TokenOffset[AsciiWord.Longest];
        Word(word.WriteTo(stackalloc char[AsciiWord.BlockLength]), tooLong: false, word.PlacesFrom(start, places));
    }

    public void Word(ReadOnlySpan<char> word, bool tooLong, ReadOnlySpan<TokenOffset> places)
    {
        if (!TSink.TracksOffsets)
        {
            inner.Word(word, tooLong, places);
            return;
        }

        TokenOffset[] originals = ArrayPool<TokenOffset>.Shared.Rent(places.Length);
        for (int i = 0; i < (tooLong ? 1 : places.Length); i++)
            originals[i] = text.Original(places[i]);
        inner.Word(word, tooLong, originals.AsSpan(0, places.Length));
        ArrayPool<TokenOffset>.Shared.Return(originals);
    }

    public void Part(ReadOnlySpan<char> text, int start, PipelineScanner scanner)
    {
        AlignedSink<TSink> self = this;
        scanner.Scan(text, start, ref self);
    }

    public void Token(int id, TokenOffset place) => inner.Token(id, text.Original(place));
}
