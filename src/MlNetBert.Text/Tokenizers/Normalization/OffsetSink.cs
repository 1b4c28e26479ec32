namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>Gathers ids and where they come from.</summary>
internal readonly struct OffsetSink(PieceSpeller speller, List<int> ids, List<TokenOffset> offsets) : IWordSink
{
    public static bool TracksOffsets => true;

    public void Word(ReadOnlySpan<char> word, uint hash, bool tooLong, ReadOnlySpan<TokenOffset> places)
    {
        ReadOnlySpan<int> spelling = tooLong ? speller.Unknown : speller.Spell(word, hash);
        ids.AddRange(spelling);
        if (tooLong)
        {
            offsets.Add(places[0]);
            return;
        }

        if (spelling.Length == 1)
        {
            offsets.Add(new TokenOffset(places[0].Start, places[^1].End));
            return;
        }

        int position = 0;
        foreach (int id in spelling)
        {
            int length = speller.LengthOf(id, position == 0);
            offsets.Add(new TokenOffset(places[position].Start, places[position + length - 1].End));
            position += length;
        }
    }

    public void Token(int id, TokenOffset place)
    {
        ids.Add(id);
        offsets.Add(place);
    }
}
