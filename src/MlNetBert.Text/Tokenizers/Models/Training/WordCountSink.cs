using System.Runtime.InteropServices;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>Counts words; those too long are counted together, because the tokenizer does not spell them.</summary>
internal readonly struct WordCountSink(WordTally tally, long times = 1) : IWordSink
{
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _counts =
        tally.Words.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool TracksOffsets => false;

    public void Word(AsciiWord word, int start) => Word(word.WriteTo(stackalloc char[AsciiWord.BlockLength]), tooLong: false, default);

    public void Word(ReadOnlySpan<char> word, bool tooLong, ReadOnlySpan<TokenOffset> places)
    {
        if (tooLong)
            tally.TooLong += times;
        else
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, word, out _) += times;
    }

    public void Part(ReadOnlySpan<char> text, int start, PipelineScanner scanner)
    {
        WordCountSink self = this;
        scanner.Scan(text, start, ref self);
    }

    public void Token(int id, TokenOffset place)
    {
    }
}
