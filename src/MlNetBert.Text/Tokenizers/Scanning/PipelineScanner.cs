using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Normalizes a text, then cuts it; where there is no pre-tokenizer, a text is one word.</summary>
internal sealed class PipelineScanner(TextNormalizer? normalizer, TextPreTokenizer? preTokenizer, bool replacesInvalid)
    : TextScanner(normalizer, replacesInvalid)
{
    public override TextScanner WithoutNormalizer() => new PipelineScanner(null, preTokenizer, replacesInvalid: true);

    public override void Scan<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
    {
        AlignedText cut = Normalize(text, offset);
        var words = new List<(int Start, int Length)>();
        if (preTokenizer is not null)
            cut = preTokenizer.Split(cut, words);
        else if (cut.Text.Length > 0)
            words.Add((0, cut.Text.Length));
        foreach ((int start, int length) in words)
            sink.Word(cut.Text.AsSpan(start, length), tooLong: false, cut.Places.Slice(start, length));
    }
}
