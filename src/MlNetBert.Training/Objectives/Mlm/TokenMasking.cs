using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>
/// The corruption of masked language modeling (Devlin et al. 2019): a share of the ordinary tokens become targets; of these most are
/// replaced by [MASK], some by a random piece, and some are left as they are. Special tokens and padding are never targets.
/// Every decision is a function of (seed, stream, epoch, block, position), so a run's masks depend on nothing else.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class TokenMasking : ICorruption
{
    private readonly bool[] _special;
    private readonly int[] _ordinary;
    private readonly double _probability;
    private readonly double _maskShare;
    private readonly double _randomShare;
    private readonly long _seed;

    /// <summary>Creates the corruption.</summary>
    /// <param name="tokenizer">Tells the special tokens and [MASK].</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="probability">Share of the ordinary tokens that become targets, above 0 and at most 1. Published: 0.15.</param>
    /// <param name="maskShare">Share of the targets replaced by [MASK]. Published: 0.8.</param>
    /// <param name="randomShare">Share of the targets replaced by a random ordinary piece; the rest stays as it is. Published: 0.1.</param>
    /// <exception cref="InvalidOptionsException">A share lies outside 0 to 1, or the two sum to more than 1.</exception>
    public TokenMasking(SubwordTokenizer tokenizer, long seed, double probability = 0.15, double maskShare = 0.8, double randomShare = 0.1)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var faults = new OptionsValidator();
        Check(faults, probability, maskShare, randomShare);
        faults.ThrowIfAny(nameof(TokenMasking));
        _special = new bool[tokenizer.Vocabulary.Count];
        for (var id = 0; id < _special.Length; id++)
            _special[id] = tokenizer.IsSpecial(id);
        _ordinary = [.. Enumerable.Range(0, _special.Length).Where(id => !_special[id])];
        MaskTokenId = tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, "Masked language modeling");
        PaddingTokenId = tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Masked language modeling");
        _probability = probability;
        _maskShare = maskShare;
        _randomShare = randomShare;
        _seed = seed;
    }

    /// <summary>Id of [MASK].</summary>
    public int MaskTokenId { get; }

    /// <inheritdoc/>
    public int PaddingTokenId { get; }

    /// <summary>Checks the three shares, adding what is wrong to <paramref name="faults"/>.</summary>
    /// <param name="faults">Collects the faults.</param>
    /// <param name="probability">Share of tokens that become targets.</param>
    /// <param name="maskShare">Share of targets replaced by [MASK].</param>
    /// <param name="randomShare">Share of targets replaced by a random piece.</param>
    internal static void Check(OptionsValidator faults, double probability, double maskShare, double randomShare)
    {
        ArgumentNullException.ThrowIfNull(faults);
        faults.Require(probability is > 0 and <= 1, "MaskProbability", probability, "must lie above 0 and be at most 1");
        faults.Require(maskShare is >= 0 and <= 1, "MaskReplaceProbability", maskShare, "must lie from 0 to 1");
        faults.Require(randomShare is >= 0 and <= 1, "RandomReplaceProbability", randomShare, "must lie from 0 to 1");
        faults.Require(!(maskShare + randomShare > 1 + 1e-9), "MaskReplaceProbability + RandomReplaceProbability",
            maskShare + randomShare, "must be at most 1");
    }

    /// <summary>Whether a block has a token that can become a target: one that is no special token, [UNK] and padding among them.</summary>
    /// <param name="tokens">The block's ids.</param>
    /// <returns>Whether there is one.</returns>
    public bool CanMask(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
        {
            if (!_special[token])
                return true;
        }

        return false;
    }

    /// <summary>Refuses blocks that nothing can be learnt from or measured on.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="what">What they are for, at the beginning of the message: «The data to train on».</param>
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
        ChooseTargets(block, draws, key.Block, corrupted.Positions);
        foreach (var position in corrupted.Positions)
        {
            corrupted.Labels.Add(block[position]);
            corrupted.Ids[position] = Replacement(block[position], draws.Words(key.Block, position));
        }
    }

    /// <summary>Each ordinary token is a target by its own number; where none is, the one with the lowest number.</summary>
    private void ChooseTargets(ReadOnlySpan<int> block, PhiloxStream draws, long number, List<int> positions)
    {
        var threshold = (ulong)(_probability * (1UL << 32));
        var lowest = -1;
        var lowestDraw = uint.MaxValue;
        for (var position = 0; position < block.Length; position++)
        {
            if (_special[block[position]])
                continue;
            var draw = draws.Words(number, position).X0;
            if (draw < threshold)
                positions.Add(position);
            else if (lowest < 0 || draw < lowestDraw)
                (lowest, lowestDraw) = (position, draw);
        }

        if (positions.Count == 0 && lowest >= 0)
            positions.Add(lowest);
    }

    /// <summary>What stands at a target's place: the first number of its draw chose it, the next two say what replaces it.</summary>
    private int Replacement(int token, (uint X0, uint X1, uint X2, uint X3) draw)
    {
        var share = draw.X1 * (1.0 / (1UL << 32));
        return share < _maskShare ? MaskTokenId
            : share < _maskShare + _randomShare ? _ordinary[PhiloxStream.ToBounded(draw.X2, _ordinary.Length)]
            : token;
    }
}
