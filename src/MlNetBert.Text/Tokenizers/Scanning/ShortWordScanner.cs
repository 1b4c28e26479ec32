using System.Runtime.Intrinsics;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>
/// Takes short words of ASCII from the text as they stand, where neither normalizer nor pre-tokenizer looks beyond them, and the parts
/// between as a <see cref="PartScanner"/>, from a word that is none of these up to where the text can be cut.
/// </summary>
internal sealed class ShortWordScanner : PartScanner
{
    private readonly AsciiCutting _cutting;
    private readonly AsciiSet _kept;
    private readonly Vector128<byte> _lowerCase;
    private readonly bool _dropsLastBlank;

    /// <summary>Makes a scanner.</summary>
    /// <param name="pipeline">What it does the work of.</param>
    /// <param name="effect">What the normalizer does behind the beginning of a text.</param>
    /// <param name="cutting">What the pre-tokenizer does there.</param>
    public ShortWordScanner(TokenizerPipeline pipeline, AsciiEffect effect, AsciiCutting cutting)
        : base(pipeline, effect)
    {
        _cutting = cutting;
        _kept = new AsciiSet(IsKept);
        _lowerCase = AsciiWord.CaseBit(effect.LowerCases);
        _dropsLastBlank = effect.DropsLastBlank || cutting.DropsBlanks;
    }

    public override void Scan<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
    {
        bool isMarked = text.IsEmpty || NormalizesFirst || (MarksFirst && text[0] != ' ');
        int index = isMarked ? ScanPart(text, 0, offset, ref sink) : 0;
        while (index < text.Length)
        {
            int length = ShortWordAt(text, index, out AsciiWord word);
            if (word.Length > 0)
                sink.Word(word, offset + index);
            index = length > 0 ? index + length : ScanPart(text, index, offset, ref sink);
        }
    }

    /// <summary>
    /// The length of the word that begins in a place, if it can be taken as it stands; of a last blank without a word, if it is dropped;
    /// else 0.
    /// </summary>
    private int ShortWordAt(ReadOnlySpan<char> text, int index, out AsciiWord word)
    {
        word = default;
        bool isBlank = text[index] == ' ';
        if (isBlank ? index + 1 < text.Length && !IsKept(text[index + 1]) : _cutting.DropsBlanks || !IsKept(text[index]))
            return 0;
        int end = _cutting.Pattern.EndOf(text, index);
        int length = end - index;
        bool isAlone = isBlank && length == 1;
        if (length > AsciiWord.Longest || (isAlone && _cutting.DropsBlanks && end < text.Length))
            return 0;
        bool isLast = end == text.Length;
        if (isAlone && isLast)
        {
            if (index == 0 || !IsKept(text[index - 1]))
                return 0;
            if (_dropsLastBlank)
                return 1;
        }

        // What follows must not reach into the word, nor more white space be taken together with a blank.
        if (!isLast && !IsKept(text[end]) && (isAlone || text[end] != ' '))
            return 0;
        Vector128<byte> block = AsciiWord.LoadStart(text[index..]);
        uint wanted = (1u << length) - (isBlank ? 2u : 1u);
        if ((_kept.In(block) & wanted) != wanted)
            return 0;
        word = new AsciiWord(AsciiWord.LowerCase(block, _lowerCase), length, _cutting.Blank, _cutting.DropsBlanks);
        return length;
    }
}
