using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Gathers ids.</summary>
internal readonly struct IdSink(WordSpeller speller, List<int> ids) : IWordSink
{
    public static bool TracksOffsets => false;

    public void Word(ReadOnlySpan<char> word, uint hash, bool tooLong, ReadOnlySpan<TokenOffset> places) =>
        ids.AddRange(new ReadOnlySpan<int>(speller.Spell(word, hash).Ids));

    public void Token(int id, TokenOffset place) => ids.Add(id);
}
