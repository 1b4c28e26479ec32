using MlNetBert.Text.Randomness;

namespace MlNetBert.Training.Objectives.Clm;

/// <summary>
/// A part of the blocks is causal, the others are masked, and a masked token is predicted one place before its own, as a next token is
/// (masked next-token prediction; GPT-BERT, Charpentier and Samuel 2024, arXiv:2410.24159). Which blocks are causal follows from (seed,
/// stream, epoch, block).
/// </summary>
internal sealed class HybridTargets : ICorruption
{
    private readonly NextTokens _next;
    private readonly ICorruption _masking;
    private readonly long _seed;
    private readonly double _causalFraction;
    private readonly long? _causalCount;

    private HybridTargets(SubwordTokenizer tokenizer, ICorruption masking, long seed, double causalFraction, long? causalCount) =>
        (_next, _masking, _seed, _causalFraction, _causalCount) = (new(tokenizer), masking, seed, causalFraction, causalCount);

    /// <inheritdoc/>
    public int PaddingTokenId => _masking.PaddingTokenId;

    /// <summary>For training: each block is causal with a probability.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="masking">How the other blocks are masked.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="causalFraction">The probability, 0 to 1.</param>
    public static HybridTargets Drawn(SubwordTokenizer tokenizer, ICorruption masking, long seed, double causalFraction) =>
        new(tokenizer, masking, seed, causalFraction, causalCount: null);

    /// <summary>For blocks that are measured both ways: <see cref="BlocksTwice"/>, whose first half is causal.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="masking">How the second half is masked: by the number of a block in it.</param>
    /// <param name="count">Blocks of a half.</param>
    public static HybridTargets Halves(SubwordTokenizer tokenizer, ICorruption masking, long count) =>
        new(tokenizer, masking, seed: 0, causalFraction: 0, count);

    /// <inheritdoc/>
    public void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted)
    {
        ArgumentNullException.ThrowIfNull(corrupted);
        if (IsCausal(key))
        {
            _next.Corrupt(block, key, corrupted);
            corrupted.IsCausal = true;
            return;
        }

        _masking.Corrupt(block, key with { Block = key.Block - (_causalCount ?? 0) }, corrupted);
        (corrupted.IsCausal, corrupted.Shift) = (false, ClmObjective.Shift);
        // Nothing comes before the first token that could predict it.
        if (corrupted.Positions is [0, ..])
        {
            corrupted.Ids[0] = block[0];
            corrupted.Positions.RemoveAt(0);
            corrupted.Labels.RemoveAt(0);
        }

        for (var i = 0; i < corrupted.Positions.Count; i++)
            corrupted.Positions[i] -= corrupted.Shift;
    }

    private bool IsCausal(CorruptionKey key) => _causalCount is { } count
        ? key.Block < count
        : new PhiloxStream(_seed, RandomStreams.CausalBlocks, key.Epoch).Single(key.Block, key.Stream) < _causalFraction;
}
