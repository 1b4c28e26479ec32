using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Gathers ids and where they come from.</summary>
internal readonly struct OffsetSink(WordSpeller speller, List<int> ids, List<TokenOffset> offsets) : IWordSink
{
    public static bool TracksOffsets => true;

    public void Word(ReadOnlySpan<char> word, uint hash, bool tooLong, ReadOnlySpan<TokenOffset> places)
    {
        WordSpeller.Spelling spelling = speller.Spell(word, hash);
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

    public void Token(int id, TokenOffset place)
    {
        ids.Add(id);
        offsets.Add(place);
    }
}
