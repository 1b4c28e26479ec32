using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Training.Objectives.Masking;

/// <summary>
/// The corruption of masked language modeling (Devlin et al. 2019): a fraction of the ordinary tokens become targets; of these most are
/// replaced by [MASK], some by a random piece, and some are left as they are. Words and spans that are masked as a whole (SpanBERT, Joshi
/// et al. 2020) share what becomes of them. Special tokens and padding are never targets.
/// Every decision is a function of (seed, stream, epoch, block, position), so a run's masks depend on nothing else.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class TokenMasking : ICorruption
{
    private readonly TargetChoice _choice;
    private readonly int[] _ordinary;
    private readonly double _probability;
    private readonly double _finalProbability;
    private readonly double _maskShare;
    private readonly double _randomShare;
    private readonly long _seed;

    /// <summary>Creates the corruption.</summary>
    /// <param name="tokenizer">Tells the special tokens, [MASK] and where words begin.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="probability">Fraction of the ordinary tokens that become targets, above 0 and at most 1. Published: 0.15.</param>
    /// <param name="maskShare">Fraction of the targets replaced by [MASK]. Published: 0.8.</param>
    /// <param name="randomShare">Fraction of the targets replaced by a random ordinary piece; the rest stays as it is. Published:
    /// 0.1.</param>
    /// <param name="masking">What is masked as a whole.</param>
    /// <param name="finalProbability">What <paramref name="probability"/> has become at the last step, on a straight line; null where it
    /// stays.</param>
    /// <exception cref="InvalidOptionsException">A fraction lies outside 0 to 1, or the two sum to more than 1.</exception>
    public TokenMasking(
        SubwordTokenizer tokenizer, long seed, double probability = 0.15, double maskShare = 0.8, double randomShare = 0.1,
        MaskingUnit masking = MaskingUnit.Tokens, double? finalProbability = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var faults = new OptionsValidator();
        Check(faults, probability, maskShare, randomShare, masking, finalProbability);
        faults.ThrowIfAny(nameof(TokenMasking));
        _choice = new TargetChoice(tokenizer, masking);
        _ordinary = [.. _choice.Ordinary];
        MaskTokenId = tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, "Masked language modeling");
        PaddingTokenId = tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Masked language modeling");
        _probability = probability;
        _finalProbability = finalProbability ?? probability;
        _maskShare = maskShare;
        _randomShare = randomShare;
        _seed = seed;
    }

    /// <summary>Id of [MASK].</summary>
    public int MaskTokenId { get; }

    /// <inheritdoc/>
    public int PaddingTokenId { get; }

    /// <summary>Checks the settings, adding what is wrong to <paramref name="faults"/>.</summary>
    /// <param name="faults">Collects the faults.</param>
    /// <param name="probability">Fraction of tokens that become targets.</param>
    /// <param name="maskShare">Fraction of targets replaced by [MASK].</param>
    /// <param name="randomShare">Fraction of targets replaced by a random piece.</param>
    /// <param name="masking">What is masked as a whole.</param>
    /// <param name="finalProbability">The fraction at the last step.</param>
    internal static void Check(OptionsValidator faults, double probability, double maskShare, double randomShare,
        MaskingUnit masking = MaskingUnit.Tokens, double? finalProbability = null)
    {
        ArgumentNullException.ThrowIfNull(faults);
        faults.Require(probability is > 0 and <= 1, "MaskProbability", probability, "must lie above 0 and be at most 1");
        faults.Require(maskShare is >= 0 and <= 1, "MaskReplaceProbability", maskShare, "must lie from 0 to 1");
        faults.Require(randomShare is >= 0 and <= 1, "RandomReplaceProbability", randomShare, "must lie from 0 to 1");
        faults.Require(!(maskShare + randomShare > 1 + 1e-9), "MaskReplaceProbability + RandomReplaceProbability",
            maskShare + randomShare, "must be at most 1");
        faults.Require(Enum.IsDefined(masking), "Masking", masking, "must be Tokens, WholeWords or Spans");
        faults.Require(finalProbability is null or (> 0 and <= 1), "FinalMaskProbability", finalProbability,
            "must lie above 0 and be at most 1");
    }

    /// <summary>Whether a block has a token that can become a target: one that is no special token, [UNK] and padding among them.</summary>
    /// <param name="tokens">The block's ids.</param>
    /// <returns>Whether there is one.</returns>
    public bool CanMask(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
        {
            if (!_choice.IsSpecial(token))
                return true;
        }

        return false;
    }

    /// <summary>Refuses blocks that nothing can be learned from or measured on.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="what">What they are for, at the beginning of the message: "The data to train on".</param>
    /// <exception cref="InvalidDataException">No block has a token that can become a target.</exception>
    public void RequireTargets(IBlockSource blocks, string what)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        var ids = new int[blocks.BlockLength];
        for (var i = 0L; i < blocks.Count; i++)
        {
            if (CanMask(ids.AsSpan(0, blocks.Read(i, ids))))
                return;
        }

        throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} have no token that can be masked: {blocks.Count} blocks of {blocks.BlockLength} tokens hold unknown and special "
                + $"tokens alone. The vocabulary does not fit this text: learn one from it, or take another model."));
    }

    /// <summary>Corrupts a block.</summary>
    /// <param name="block">The block's ids, of the tokenizer's vocabulary.</param>
    /// <param name="key">What the masks follow from, beside the seed.</param>
    /// <param name="corrupted">Receives as many ids as the block has, and at least one target where the block has an ordinary
    /// token.</param>
    public void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted)
    {
        ArgumentNullException.ThrowIfNull(corrupted);
        corrupted.Clear();
        corrupted.Ids.AddRange(block);
        var draws = new PhiloxStream(_seed, key.Stream, key.Epoch);
        var probability = _probability + ((_finalProbability - _probability) * key.Progress);
        foreach (var target in _choice.Choose(block, draws, key.Block, probability))
        {
            // The first number of a target's draw chose it, the second says what becomes of it.
            var share = draws.Words(key.Block, target.Start).X1 * (1.0 / (1UL << 32));
            for (var position = target.Start; position < target.End; position++)
            {
                corrupted.Positions.Add(position);
                corrupted.Labels.Add(block[position]);
                if (share < _maskShare)
                    corrupted.Ids[position] = MaskTokenId;
                else if (share < _maskShare + _randomShare)
                    corrupted.Ids[position] = RandomPiece(draws.Words(key.Block, position).X2);
            }
        }
    }

    private int RandomPiece(uint draw) => _ordinary[PhiloxStream.ToBounded(draw, _ordinary.Length)];
}
