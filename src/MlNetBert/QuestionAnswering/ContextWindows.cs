using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;

namespace MlNetBert.QuestionAnswering;

/// <summary>
/// A question and its context as a model reads them: a pair of the question and a part of the context, a window for each part. Immutable.
/// </summary>
internal sealed class ContextWindows
{
    private readonly IReadOnlyList<TokenOffset> _offsets;

    public ContextWindows(
        IReadOnlyList<EncodedText> texts,
        IReadOnlyList<Range> parts,
        IReadOnlyList<TokenOffset> offsets,
        int contextPlace,
        bool isQuestionCut)
    {
        Texts = texts;
        Parts = parts;
        ContextPlace = contextPlace;
        IsQuestionCut = isQuestionCut;
        _offsets = offsets;
    }

    /// <summary>The windows, at least one.</summary>
    public IReadOnlyList<EncodedText> Texts { get; }

    /// <summary>Which tokens of the context each window holds.</summary>
    public IReadOnlyList<Range> Parts { get; }

    /// <summary>Place of the first context token in every window.</summary>
    public int ContextPlace { get; }

    /// <summary>Whether the question had more tokens than are read.</summary>
    public bool IsQuestionCut { get; }

    /// <summary>Tokens of the whole context.</summary>
    public int ContextTokens => _offsets.Count;

    /// <summary>Where tokens of the context come from.</summary>
    /// <param name="first">Number of the first token.</param>
    /// <param name="last">Number of the last.</param>
    /// <returns>The first UTF-16 unit of the context, and the one after the last.</returns>
    public (int Start, int End) Locate(int first, int last) => (_offsets[first].Start, _offsets[last].End);

    /// <summary>The tokens that share a character with [start, end) of the context; null where there are none.</summary>
    public (int First, int Last)? TokensOf(int start, int end)
    {
        var first = 0;
        while (first < _offsets.Count && _offsets[first].End <= start)
            first++;
        var last = first;
        while (last < _offsets.Count && _offsets[last].Start < end)
            last++;
        return last > first ? (first, last - 1) : null;
    }

    /// <summary>The place of tokens of the context in a window; the first token, [CLS], where it does not hold them all.</summary>
    public (int Start, int End) PlaceIn(int window, (int First, int Last) tokens)
    {
        var (first, end) = (Parts[window].Start.Value, Parts[window].End.Value);
        return tokens.First >= first
            && tokens.Last < end ? (ContextPlace + tokens.First - first, ContextPlace + tokens.Last - first) : (0, 0);
    }

    /// <summary>The parts of a context that windows hold: each begins so that it shares a number of tokens with the one before.</summary>
    /// <param name="tokens">Tokens of the context.</param>
    /// <param name="room">Tokens of it that a window holds.</param>
    /// <param name="stride">Tokens that neighbouring windows share; fewer than <paramref name="room"/>.</param>
    public static IReadOnlyList<Range> Cut(int tokens, int room, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stride);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(room, stride);
        var parts = new List<Range>();
        var start = 0;
        while (start + room < tokens)
        {
            parts.Add(start..(start + room));
            start += room - stride;
        }

        parts.Add(start..tokens);
        return parts;
    }
}
