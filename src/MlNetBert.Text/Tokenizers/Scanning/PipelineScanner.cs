using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Normalizes a text, then cuts it; where there is no pre-tokenizer, a text is one word.</summary>
internal sealed class PipelineScanner(TextNormalizer? normalizer, TextPreTokenizer? preTokenizer, bool replacesInvalid)
    : TextScanner(normalizer, replacesInvalid)
{
    /// <summary>Whether it treats parts alike wherever they stand, but where a text begins.</summary>
    public bool IsFollowing { get; init; }

    public override void Scan<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink) =>
        ScanNormalized(Normalize(text, offset), ref sink);

    public override void ScanNormalized<TSink>(AlignedText text, int start, int length, ref TSink sink) =>
        ScanNormalized(text.Slice(start, length), ref sink);

    private void ScanNormalized<TSink>(AlignedText cut, ref TSink sink)
        where TSink : struct, IWordSink
    {
        var words = new List<(int Start, int Length)>();
        if (preTokenizer is not null)
            cut = preTokenizer.Split(cut, words);
        else if (cut.Text.Length > 0)
            words.Add((0, cut.Text.Length));
        foreach ((int start, int length) in words)
            sink.Word(cut.Text.AsSpan(start, length), tooLong: false, cut.Places.Slice(start, length));
    }
}
