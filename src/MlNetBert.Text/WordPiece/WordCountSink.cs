using System.Runtime.InteropServices;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalization;

namespace MlNetBert.Text.WordPiece;

/// <summary>Counts words; those too long to be spelt are left out.</summary>
internal readonly struct WordCountSink : IWordSink
{
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _counts;

    public WordCountSink(Dictionary<string, long> counts) => _counts = counts.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool TracksOffsets => false;

    public void Word(ReadOnlySpan<char> word, uint hash, bool tooLong, ReadOnlySpan<TokenOffset> places)
    {
        if (!tooLong)
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, word, out _)++;
    }
}
