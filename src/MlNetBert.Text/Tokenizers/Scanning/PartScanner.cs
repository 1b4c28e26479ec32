using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.Patterns;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>
/// Cuts texts before single blanks, where neither normalizer nor pre-tokenizer nor model looks across, so that the parts between can be
/// remembered; a pipeline finds the words of those that are new. Gives what the pipeline gives of the whole text.
/// </summary>
internal class PartScanner : TextScanner
{
    private readonly PipelineScanner _first;
    private readonly PipelineScanner _following;
    private readonly bool[] _isKept = new bool[128];
    private readonly VisibleEdges _edges;

    protected PartScanner(TokenizerPipeline pipeline, AsciiEffect effect)
        : base(pipeline.Normalizer, pipeline.InvalidText == InvalidTextHandling.Replace)
    {
        bool replacesInvalid = pipeline.InvalidText == InvalidTextHandling.Replace;
        (TextNormalizer? normalizer, TextPreTokenizer? preTokenizer) =
            (pipeline.Normalizer?.Following, pipeline.PreTokenizer?.Following);
        NormalizesFirst = normalizer != pipeline.Normalizer;
        _following = new PipelineScanner(normalizer, preTokenizer, replacesInvalid) { IsFollowing = true };
        _first = NormalizesFirst || preTokenizer != pipeline.PreTokenizer
            ? new PipelineScanner(pipeline.Normalizer, pipeline.PreTokenizer, replacesInvalid)
            : _following;
        for (int character = 0; character < _isKept.Length; character++)
            _isKept[character] = effect.IsKept((char)character) && !(effect.LowerCases && character == '\''); // patterns know 's, not 'S
        _edges = new VisibleEdges(normalizer, effect.Blank);
    }

    /// <summary>Whether what begins a text is treated otherwise than what follows, if it does not begin with a blank.</summary>
    protected bool MarksFirst => _first != _following;

    /// <summary>Whether what begins a text is normalized otherwise than what follows, whatever it is.</summary>
    protected bool NormalizesFirst { get; }

    /// <summary>The scanner of a pipeline; null where its texts cannot be cut.</summary>
    public static PartScanner? TryMake(TokenizerPipeline pipeline)
    {
        TextPreTokenizer? preTokenizer = pipeline.PreTokenizer;
        if (AsciiEffect.Of(pipeline.Normalizer?.Following) is not { } effect || (preTokenizer is not null && effect.Blank != ' '))
            return null;
        AsciiCutting? cutting = preTokenizer is null ? new AsciiCutting(BlankWordPattern.Instance, effect.Blank) : preTokenizer.Ascii;
        bool isUncut = preTokenizer is null or MetaspacePreTokenizer { Cuts: false };
        bool isCut = isUncut
            ? cutting is not null && pipeline.Model?.SpellsApartBefore(cutting.Blank) == true
            : preTokenizer!.BeforeBlank == BlankBorder.Cut;
        return !isCut ? null
            : cutting is null ? new PartScanner(pipeline, effect)
            : new ShortWordScanner(pipeline, effect, cutting);
    }

    public override void ScanNormalized<TSink>(AlignedText text, int start, int length, ref TSink sink) =>
        _first.ScanNormalized(text, start, length, ref sink);

    public override void Scan<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
    {
        int index = 0;
        do
            index = ScanPart(text, index, offset, ref sink);
        while (index < text.Length);
    }

    /// <summary>Scans a text from a place up to the next one where it can be cut.</summary>
    /// <returns>That place, or the end of the text.</returns>
    protected int ScanPart<TSink>(ReadOnlySpan<char> text, int index, int offset, ref TSink sink)
        where TSink : struct, IWordSink
    {
        int end = index;
        do
        {
            int blank = end + 1 < text.Length ? text[(end + 1)..].IndexOf(' ') : -1;
            end = blank < 0 ? text.Length : end + 1 + blank;
        }
        while (end < text.Length && !CanCutBefore(text, end));

        if (index == 0 && end < text.Length && !IsKept(text[0]) && MovesPlaces(text[..end], offset))
            end = text.Length;
        sink.Part(text[index..end], offset + index, index == 0 ? _first : _following);
        return end;
    }

    /// <summary>Whether a character is ASCII and stays as it is.</summary>
    protected bool IsKept(char character) => character < _isKept.Length && _isKept[character];

    private bool CanCutBefore(ReadOnlySpan<char> text, int blank)
    {
        if (blank + 1 == text.Length || !IsEdge(text[blank + 1]))
            return false;
        int last = blank - 1;
        while (last > 0 && text[last] >= _isKept.Length && _edges.IsMark(text[last]))
            last--;
        return IsEdge(text[last]);
    }

    private bool IsEdge(char character) => character < _isKept.Length ? _isKept[character] : _edges.Contains(character);
}
