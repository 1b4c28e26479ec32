using System.Runtime.Intrinsics;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>
/// Takes short words of ASCII from the text as they stand, where neither normalizer nor pre-tokenizer looks beyond them, and has a pipeline
/// find the words of the parts between, from a word that is none of these up to a blank between visible ASCII characters. Gives what the
/// pipeline gives of the whole text.
/// </summary>
internal sealed class ShortWordScanner : TextScanner
{
    private readonly PipelineScanner _first;
    private readonly PipelineScanner _following;
    private readonly AsciiCutting _cutting;
    private readonly bool[] _isKept = new bool[128];
    private readonly AsciiSet _kept;
    private readonly Vector128<byte> _lowerCase;
    private readonly bool _dropsLastBlank;

    private ShortWordScanner(TokenizerPipeline pipeline, AsciiCutting cutting, AsciiEffect effect, bool replacesInvalid)
        : base(pipeline.Normalizer, replacesInvalid)
    {
        _first = new PipelineScanner(pipeline.Normalizer, pipeline.PreTokenizer, replacesInvalid);
        _following = cutting.Following is { } following ? new PipelineScanner(pipeline.Normalizer, following, replacesInvalid) : _first;
        _cutting = cutting;
        for (int character = 0; character < _isKept.Length; character++)
            _isKept[character] = effect.IsKept((char)character) && !(effect.LowerCases && character == '\''); // patterns know 's, not 'S
        _kept = new AsciiSet(character => _isKept[character]);
        _lowerCase = AsciiWord.CaseBit(effect.LowerCases);
        _dropsLastBlank = effect.DropsLastBlank || cutting.DropsBlanks;
    }

    /// <summary>The scanner of a pipeline; null where its words cannot be taken as they stand.</summary>
    public static ShortWordScanner? Of(TokenizerPipeline pipeline, bool replacesInvalid) =>
        pipeline.PreTokenizer?.Ascii is { } cutting && AsciiEffect.Of(pipeline.Normalizer) is { } effect
            ? new ShortWordScanner(pipeline, cutting, effect, replacesInvalid)
            : null;

    public override void ScanNormalized<TSink>(AlignedText text, int start, int length, ref TSink sink) =>
        _first.ScanNormalized(text, start, length, ref sink);

    public override void Scan<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
    {
        int index = text.IsEmpty || (_cutting.Following is not null && text[0] != ' ') ? ScanPart(text, 0, offset, ref sink) : 0;
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
        if (!isBlank && (_cutting.DropsBlanks || !IsKept(text[index])))
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

    /// <summary>Has the pipeline scan from a place up to the next one where nothing before and behind belongs together.</summary>
    /// <returns>That place, or the end of the text.</returns>
    private int ScanPart<TSink>(ReadOnlySpan<char> text, int index, int offset, ref TSink sink)
        where TSink : struct, IWordSink
    {
        int end = index;
        do
        {
            int blank = end + 1 < text.Length ? text[(end + 1)..].IndexOf(' ') : -1;
            end = blank < 0 ? text.Length : end + 1 + blank;
        }
        while (end < text.Length && !(IsKept(text[end - 1]) && end + 1 < text.Length && IsKept(text[end + 1])));

        (index == 0 ? _first : _following).Scan(text[index..end], offset + index, ref sink);
        return end;
    }

    private bool IsKept(char character) => character < _isKept.Length && _isKept[character];
}
