using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;

namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>
/// The corruption of T5 (Raffel et al. 2020): spans of a block are taken out, and a sentinel stands for each. What is to be written are the
/// sentinels, each with its span behind it, and the end token: input and target together are the block.
/// </summary>
/// <remarks>
/// As T5 computes it: the tokens to take out are <c>noiseDensity</c> of the block's, rounded, the spans these divided by
/// <c>meanSpanLength</c>, rounded; the lengths of the spans, and of what is kept between them, are drawn from all ways to cut that many
/// tokens into that many parts. A block begins with a kept token and ends with a span, as T5's do; one that is a document of its own, with
/// its special tokens around it, may begin and end with either: of a short text only the end would be learned otherwise. These special
/// tokens stay; inside a block they are tokens like others. Every decision is a function of (seed, stream, epoch, block).
/// </remarks>
[Experimental("MLNETBERT001")]
public sealed class SpanCorruption : ICorruption
{
    private readonly BlockTemplate _template;
    private readonly int[] _end;
    private readonly double _noiseDensity;
    private readonly double _meanSpanLength;
    private readonly long _seed;

    /// <summary>Creates the corruption.</summary>
    /// <param name="tokenizer">The tokenizer that the blocks were made with, with sentinels (<see cref="Sentinels.AddTo"/>).</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="noiseDensity">Fraction of the tokens that are taken out, above 0 and below 1. Published: 0.15.</param>
    /// <param name="meanSpanLength">Tokens of a span on average, at least 1. Published: 3.</param>
    /// <exception cref="InvalidOptionsException">A number lies outside its range.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer has no padding or no end token, or no sentinel.</exception>
    public SpanCorruption(SubwordTokenizer tokenizer, long seed, double noiseDensity = 0.15, double meanSpanLength = 3)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var faults = new OptionsValidator();
        DenoisingChecks.Check(faults, noiseDensity, meanSpanLength);
        faults.ThrowIfAny(nameof(SpanCorruption));
        DenoisingChecks.RequireTokenizer(tokenizer);
        (_template, _seed, _noiseDensity, _meanSpanLength) = (BlockTemplate.Of(tokenizer), seed, noiseDensity, meanSpanLength);
        _end = _template.End.Length > 0 ? _template.End : _template.DocumentEnd;
        PaddingTokenId = tokenizer.SpecialTokens.PaddingTokenId!.Value;
        Sentinels = Sentinels.Require(tokenizer);
    }

    /// <inheritdoc/>
    public int PaddingTokenId { get; }

    /// <summary>The tokens that stand for spans.</summary>
    public Sentinels Sentinels { get; }

    /// <summary>How many tokens are taken out of a number of them, and in how many spans.</summary>
    /// <param name="tokens">The tokens, the special ones at the edges of a block left out.</param>
    /// <returns>The tokens and the spans; none of fewer than two tokens, of which one is to stay.</returns>
    public (int Tokens, int Spans) CountNoise(int tokens)
    {
        if (tokens < 2)
            return (0, 0);
        var noise = Math.Clamp((int)Math.Round(tokens * _noiseDensity), 1, tokens - 1);
        return (noise, Math.Clamp((int)Math.Round(noise / _meanSpanLength), 1, Math.Min(noise, tokens - noise)));
    }

    /// <summary>The most tokens of a corrupted block, or of what is to be written for one.</summary>
    /// <param name="blockLength">The most tokens of a block.</param>
    internal int LongestRow(int blockLength)
    {
        var longest = 0;
        for (var tokens = 2; tokens <= blockLength; tokens++)
        {
            var (noise, spans) = CountNoise(tokens);
            // A block that fills its length has its special tokens among these, or gets an end token besides.
            longest = Math.Max(longest, spans + _end.Length + Math.Max(noise, tokens - noise));
        }

        return longest;
    }

    /// <summary>Refuses blocks with more spans than there are sentinels.</summary>
    /// <param name="blockLength">Tokens of a block.</param>
    /// <exception cref="InvalidOperationException">There are fewer sentinels; the message says how many are needed.</exception>
    public void RequireSentinels(int blockLength)
    {
        var spans = CountNoise(blockLength).Spans;
        if (spans <= Sentinels.Ids.Count)
            return;
        var most = blockLength;
        while (CountNoise(most).Spans > Sentinels.Ids.Count)
            most--;
        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
            $"Span corruption takes {spans} spans out of a block of {blockLength} tokens and needs a sentinel for each, but there are "
                + $"{Sentinels.Ids.Count} ({Sentinels.NameOf(0)} to {Sentinels.NameOf(Sentinels.Ids.Count - 1)}). Take blocks of at most "
                + $"{most} tokens, longer spans (held-out blocks have the published ones), or a vocabulary with {spans} sentinels."));
    }

    /// <summary>Corrupts a block.</summary>
    /// <param name="block">The block's ids.</param>
    /// <param name="key">What the spans follow from, beside the seed.</param>
    /// <param name="corrupted">Receives the kept tokens and the sentinels, and as labels, without positions, the sentinels with their spans
    /// and the end token; no labels where the block has fewer than two tokens.</param>
    /// <exception cref="InvalidOperationException">There are fewer sentinels than spans.</exception>
    public void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted)
    {
        ArgumentNullException.ThrowIfNull(corrupted);
        corrupted.Clear();
        var (start, end) = _template.EdgesOf(block);
        var tokens = block[start..^end];
        var (noise, spans) = CountNoise(tokens.Length);
        if (spans > Sentinels.Ids.Count)
            RequireSentinels(tokens.Length);
        var draws = new PhiloxStream(_seed, key.Stream, key.Epoch);
        var taken = Segments(noise, spans, place => draws.Words(key.Block, place).X0);
        var isDocument = end > 0 && start == _template.Start.Length;
        var kept = Kept(tokens.Length - noise, spans, isDocument, place => draws.Words(key.Block, place).X1);
        corrupted.Ids.AddRange(block[..start]);
        var next = 0;
        for (var span = 0; span < spans; span++)
        {
            corrupted.Ids.AddRange(tokens.Slice(next, kept[span]));
            corrupted.Ids.Add(Sentinels.Ids[span]);
            corrupted.Labels.Add(Sentinels.Ids[span]);
            corrupted.Labels.AddRange(tokens.Slice(next + kept[span], taken[span]));
            next += kept[span] + taken[span];
        }

        corrupted.Ids.AddRange(tokens[next..]);
        corrupted.Ids.AddRange(_end);
        if (spans > 0)
            corrupted.Labels.AddRange(_end);
    }

    /// <summary>How many tokens are kept before each span; those behind the last one are what is left.</summary>
    private static int[] Kept(int tokens, int spans, bool isDocument, Func<int, uint> wordOf)
    {
        if (!isDocument || spans == 0)
            return Segments(tokens, spans, wordOf);
        // The first part and the one behind the last span may be empty: each is drawn with a token more.
        var kept = Segments(tokens + 2, spans + 1, wordOf);
        kept[0]--;
        return kept;
    }

    /// <summary>The lengths of parts, at least 1 each, that add up to a number: each way to cut is equally likely.</summary>
    private static int[] Segments(int items, int segments, Func<int, uint> wordOf)
    {
        var lengths = new int[segments];
        if (segments == 0)
            return lengths;
        var begins = KeyedChoice.Choose(items - 1, segments - 1, wordOf);
        var segment = 0;
        lengths[0] = 1;
        foreach (var isFirst in begins)
            lengths[isFirst ? ++segment : segment]++;
        return lengths;
    }
}
