using MlNetBert.HuggingFace;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;

namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>
/// The corruption of BART (Lewis et al. 2020): the sentences of a block are put in random order, then spans of its tokens are each replaced
/// by one mask token. What is to be written is the block.
/// </summary>
/// <remarks>
/// The tokens to hide are <c>noiseDensity</c> of the block's, rounded, one at least. Lengths of spans are drawn from a Poisson distribution
/// until they add up to that number, the last one cut; a span of no token is a mask that hides nothing. All spans are placed among the
/// kept tokens at random, each arrangement equally likely, so two may meet. Sentences end behind <c>.</c>, <c>!</c>, <c>?</c> and their
/// like, and behind the token that ends a document. The special tokens around a block stay, and are put around one that has none: where
/// a full block has no room for them, spans of no token are left out, then spans joined, then more tokens hidden. Inside the block they
/// are tokens like others. Every decision is a function of (seed, stream, epoch, block).
/// </remarks>
[Experimental("MLNETBERT001")]
public sealed class TextInfilling : ICorruption
{
    private readonly BlockTemplate _template;
    private readonly SentenceEnds _ends;
    private readonly PoissonLengths _lengths;
    private readonly double _noiseDensity;
    private readonly int _longest;
    private readonly int _endId;
    private readonly long _seed;

    /// <summary>Creates the corruption.</summary>
    /// <param name="tokenizer">The tokenizer that the blocks were made with.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="longest">The most tokens of a corrupted block, at least as many as any block has: the block length.</param>
    /// <param name="noiseDensity">Fraction of the tokens that are hidden, above 0 and below 1. Published: 0.3.</param>
    /// <param name="meanSpanLength">Tokens of a span on average, at least 1. Published: 3.</param>
    /// <exception cref="InvalidOptionsException">A number lies outside its range.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer has no mask, padding or end token.</exception>
    public TextInfilling(SubwordTokenizer tokenizer, long seed, int longest, double noiseDensity = 0.3, double meanSpanLength = 3)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var faults = new OptionsValidator();
        DenoisingChecks.Check(faults, noiseDensity, meanSpanLength);
        DenoisingChecks.RequireTokenizer(tokenizer);
        MaskTokenId = DenoisingChecks.RequireMask(tokenizer);
        _template = BlockTemplate.Of(tokenizer);
        faults.Require(longest >= _template.MinimumBlockLength, nameof(longest), longest,
            $"must be at least {_template.MinimumBlockLength}, a token and the special tokens around it");
        faults.ThrowIfAny(nameof(TextInfilling));
        (_seed, _longest, _noiseDensity) = (seed, longest, noiseDensity);
        _lengths = new PoissonLengths(meanSpanLength);
        _ends = new SentenceEnds(tokenizer);
        _endId = BlockTemplate.EndOf(tokenizer)!.Value;
        PaddingTokenId = tokenizer.SpecialTokens.PaddingTokenId!.Value;
    }

    /// <summary>The token that stands for a span.</summary>
    public int MaskTokenId { get; }

    /// <inheritdoc/>
    public int PaddingTokenId { get; }

    /// <summary>Corrupts a block.</summary>
    /// <param name="block">The block's ids.</param>
    /// <param name="key">What sentences and spans follow from, beside the seed.</param>
    /// <param name="corrupted">Receives the kept tokens and the masks, and as labels, without positions, the block; no labels where the
    /// block has special tokens alone.</param>
    /// <exception cref="ArgumentException">The block is longer than any may be.</exception>
    public void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted)
    {
        ArgumentNullException.ThrowIfNull(corrupted);
        if (block.Length > _longest)
            throw new ArgumentException(
                FormattableString.Invariant($"Expected a block of at most {_longest} tokens, found {block.Length}."), nameof(block));
        corrupted.Clear();
        var (start, end) = _template.EdgesOf(block);
        var draws = new PhiloxStream(_seed, key.Stream, key.Epoch);
        var tokens = Permute(block[start..^end], draws, key.Block);
        corrupted.Ids.AddRange(_template.Start);
        if (tokens.Length > 0)
        {
            Infill(tokens, Spans(tokens.Length, draws, key.Block), draws, key.Block, corrupted.Ids);
            corrupted.Labels.AddRange(block);
        }

        corrupted.Ids.AddRange(_template.End.Length > 0 ? _template.End : block[^end..]);
    }

    /// <summary>The tokens with their sentences in random order.</summary>
    internal int[] Permute(ReadOnlySpan<int> tokens, PhiloxStream draws, long block)
    {
        var starts = SentencesOf(tokens);
        var order = KeyedChoice.Shuffle(starts.Count, sentence => draws.Words(block, starts[sentence]).X2);
        var permuted = new List<int>(tokens.Length);
        foreach (var sentence in order)
            permuted.AddRange(tokens[starts[sentence]..(sentence + 1 < starts.Count ? starts[sentence + 1] : tokens.Length)]);
        return [.. permuted];
    }

    /// <summary>Where sentences begin, the first one included; a document's end token belongs to the sentence before it.</summary>
    private List<int> SentencesOf(ReadOnlySpan<int> tokens)
    {
        var ends = new List<int>();
        _ends.Find(tokens, ends);
        var starts = new SortedSet<int> { 0 };
        foreach (var start in ends)
        {
            if (start < tokens.Length && tokens[start] != _endId)
                starts.Add(start);
        }

        for (var place = 1; place < tokens.Length; place++)
        {
            if (tokens[place - 1] == _endId && tokens[place] != _endId)
                starts.Add(place);
        }

        return [.. starts];
    }

    /// <summary>The lengths of the spans, in random order.</summary>
    private List<int> Spans(int tokens, PhiloxStream draws, long block)
    {
        var room = _longest - _template.Start.Length - _template.End.Length;
        var hidden = Math.Min(tokens, Math.Max(Math.Max(1, (int)Math.Round(tokens * _noiseDensity)), tokens + 1 - room));
        var drawn = new List<int>();
        for (var left = hidden; left > 0; left -= drawn[^1])
            drawn.Add(Math.Min(left, _lengths.Of(draws.Words(block, drawn.Count).X0)));
        while (tokens - hidden + drawn.Count > room && drawn.LastIndexOf(0) is var empty and >= 0)
            drawn.RemoveAt(empty);
        while (tokens - hidden + drawn.Count > room)
        {
            drawn[^2] += drawn[^1];
            drawn.RemoveAt(drawn.Count - 1);
        }

        return [.. KeyedChoice.Shuffle(drawn.Count, span => draws.Words(block, span).X3).Select(span => drawn[span])];
    }

    private void Infill(int[] tokens, List<int> spans, PhiloxStream draws, long block, List<int> ids)
    {
        var slots = tokens.Length - spans.Sum() + spans.Count;
        var isSpan = KeyedChoice.Choose(slots, spans.Count, slot => draws.Words(block, slot).X1);
        var (next, span) = (0, 0);
        foreach (var isMask in isSpan)
        {
            ids.Add(isMask ? MaskTokenId : tokens[next]);
            next += isMask ? spans[span++] : 1;
        }
    }
}
