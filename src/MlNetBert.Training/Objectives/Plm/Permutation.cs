using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Training.Objectives.Plm;

/// <summary>
/// The corruption of permuted language modeling (Yang et al. 2019), as transformers' collator has it: spans of tokens are to be predicted,
/// each somewhere in a context that is as much longer as targets are to be rare. The targets have a random order, in which each sees those
/// before it as [MASK], and all see the other tokens. Special tokens and padding are never targets.
/// Every decision is a function of (seed, stream, epoch, block, position), so a run's targets depend on nothing else.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class Permutation : ICorruption
{
    /// <summary>The published fraction of the tokens that are targets.</summary>
    public const double PublishedProbability = 1.0 / 6;

    /// <summary>The published longest span.</summary>
    public const int PublishedSpanLength = 5;

    private readonly SubwordTokenizer _tokenizer;
    private readonly int _maskTokenId;
    private readonly double _probability;
    private readonly int _spanLength;
    private readonly long _seed;

    /// <summary>Creates the corruption.</summary>
    /// <param name="tokenizer">Tells the special tokens and [MASK].</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="probability">Fraction of the tokens that become targets, above 0 and at most 1.</param>
    /// <param name="spanLength">The longest span; all lengths from 1 on are as likely.</param>
    /// <exception cref="InvalidOptionsException">A setting cannot be.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer has no mask token or no padding token.</exception>
    public Permutation(
        SubwordTokenizer tokenizer, long seed, double probability = PublishedProbability, int spanLength = PublishedSpanLength)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var faults = new OptionsValidator();
        Check(faults, probability, spanLength);
        faults.ThrowIfAny(nameof(Permutation));
        RequireTokens(tokenizer);
        (_tokenizer, _seed, _probability, _spanLength) = (tokenizer, seed, probability, spanLength);
        _maskTokenId = tokenizer.SpecialTokens.MaskTokenId!.Value;
        PaddingTokenId = tokenizer.SpecialTokens.PaddingTokenId!.Value;
    }

    /// <inheritdoc/>
    public int PaddingTokenId { get; }

    /// <summary>Checks the settings, adding what is wrong to <paramref name="faults"/>.</summary>
    internal static void Check(OptionsValidator faults, double probability, int spanLength)
    {
        faults.Require(probability is > 0 and <= 1, "TargetProbability", probability, "must lie above 0 and be at most 1");
        faults.Require(spanLength is >= 1 and <= 1 << 16, "MaxSpanLength", spanLength, "must lie from 1 to 65536");
    }

    /// <summary>Refuses a tokenizer without what a block needs.</summary>
    internal static void RequireTokens(SubwordTokenizer tokenizer)
    {
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, "Permuted language modeling");
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Permuted language modeling");
    }

    /// <summary>Refuses blocks that nothing can be learned from or measured on.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="what">What they are for, as a sentence begins: "The data to train on".</param>
    /// <exception cref="InvalidDataException">No block has a token that can become a target.</exception>
    public void RequireTargets(IBlockSource blocks, string what)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        var ids = new int[blocks.BlockLength];
        for (var i = 0L; i < blocks.Count; i++)
        {
            foreach (var id in ids.AsSpan(0, blocks.Read(i, ids)))
            {
                if (!_tokenizer.IsSpecial(id))
                    return;
            }
        }

        throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} have no token to predict: {blocks.Count} blocks of {blocks.BlockLength} tokens hold unknown and special tokens "
                + $"alone. The vocabulary does not fit this text: learn one from it, or take another model."));
    }

    /// <summary>Corrupts a block.</summary>
    /// <param name="block">The block's ids, of the tokenizer's vocabulary.</param>
    /// <param name="key">What the targets follow from, beside the seed.</param>
    /// <param name="corrupted">Receives as many ids as the block has, and at least one target where the block has an ordinary
    /// token.</param>
    public void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted)
    {
        ArgumentNullException.ThrowIfNull(corrupted);
        corrupted.Clear();
        corrupted.Ids.AddRange(block);
        var draws = new PhiloxStream(_seed, key.Stream, key.Epoch);
        AddSpans(block, draws, key.Block, corrupted.Positions);
        if (corrupted.Positions.Count == 0)
            AddFirst(block, draws, key.Block, corrupted.Positions);
        var order = corrupted.Positions.OrderBy(place => Turn(draws, key.Block, place)).ThenBy(place => place).ToList();
        foreach (var position in corrupted.Positions)
        {
            corrupted.Labels.Add(block[position]);
            corrupted.Ids[position] = _maskTokenId;
            corrupted.Ranks.Add(order.IndexOf(position));
        }
    }

    // The first two numbers of a context's first place choose its span, the others of a target's place its turn. A context ends where all
    // spans to there are the wanted fraction of the tokens to there: each rounded for itself would make 0.15 a sixth and 0.9 all.
    private void AddSpans(ReadOnlySpan<int> block, PhiloxStream draws, long number, List<int> targets)
    {
        var spans = 0L;
        for (var start = 0; start < block.Length;)
        {
            var (first, second, _, _) = draws.Words(number, start);
            var length = 1 + PhiloxStream.ToBounded(first, _spanLength);
            spans += length;
            var end = (int)Math.Min(spans / _probability, int.MaxValue);
            var from = start + PhiloxStream.ToBounded(second, end - start - length + 1);
            for (var place = from; place < Math.Min(from + length, block.Length); place++)
            {
                if (!_tokenizer.IsSpecial(block[place]))
                    targets.Add(place);
            }

            start = end;
        }
    }

    private void AddFirst(ReadOnlySpan<int> block, PhiloxStream draws, long number, List<int> targets)
    {
        var (chosen, lowest) = (-1, ulong.MaxValue);
        for (var place = 0; place < block.Length; place++)
        {
            if (!_tokenizer.IsSpecial(block[place]) && (chosen < 0 || Turn(draws, number, place) < lowest))
                (chosen, lowest) = (place, Turn(draws, number, place));
        }

        if (chosen >= 0)
            targets.Add(chosen);
    }

    private static ulong Turn(PhiloxStream draws, long number, int place)
    {
        var (_, _, low, high) = draws.Words(number, place);
        return ((ulong)high << 32) | low;
    }
}
