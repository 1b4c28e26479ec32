namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>Gathers ids.</summary>
internal readonly struct IdSink(PieceSpeller speller, List<int> ids) : IWordSink
{
    public static bool TracksOffsets => false;

    public void Word(ReadOnlySpan<char> word, uint hash, bool tooLong, ReadOnlySpan<TokenOffset> places) =>
        ids.AddRange(tooLong ? speller.Unknown : speller.Spell(word, hash));

    public void Token(int id, TokenOffset place) => ids.Add(id);
}
