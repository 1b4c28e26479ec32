using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>
/// The corruption of BERT's and ALBERT's pretraining: a block is cut in two at the beginning of a sentence, the second part comes from
/// another document (next sentence), or the parts are swapped (sentence order), half of the time; then tokens are masked. The other
/// document's part begins at a sentence drawn as the block's own, so that lengths and places tell nothing. A block with one sentence has
/// no pair. Every decision is a function of (seed, stream, epoch, block).
/// </summary>
internal sealed class SentencePairing : ICorruption
{
    private readonly IBlockSource _blocks;
    private readonly SubwordTokenizer _tokenizer;
    private readonly TokenMasking _masking;
    private readonly SentencePairTask _kind;
    private readonly long _seed;
    private readonly BlockSentences _sentences;
    private readonly int _room;

    /// <summary>Makes the corruption of some blocks.</summary>
    /// <param name="blocks">All blocks, of one document each.</param>
    /// <param name="tokenizer">The tokenizer that they were made with.</param>
    /// <param name="masking">How tokens are masked.</param>
    /// <param name="kind">What is learned of pairs.</param>
    /// <param name="seed">Seed of the run.</param>
    public SentencePairing(
        IBlockSource blocks, SubwordTokenizer tokenizer, TokenMasking masking, SentencePairTask kind, long seed)
    {
        (_blocks, _tokenizer, _masking, _kind, _seed) = (blocks, tokenizer, masking, kind, seed);
        _sentences = new BlockSentences(tokenizer);
        _room = Math.Max(2, blocks.BlockLength - tokenizer.Template.PairAddedCount);
        Table = new SentencePairTable(blocks, _sentences);
    }

    /// <summary>The blocks that pairs are cut from.</summary>
    public SentencePairTable Table { get; }

    /// <inheritdoc/>
    public int PaddingTokenId => _masking.PaddingTokenId;

    /// <inheritdoc/>
    public void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted)
    {
        ArgumentNullException.ThrowIfNull(corrupted);
        if (PairOf(block, key) is not { } pair)
        {
            _masking.Corrupt(block, key, corrupted);
            corrupted.TokenTypeIds.AddRange(Enumerable.Repeat(0, block.Length));
            corrupted.PairLabel = CorruptedBlock.NoPair;
            return;
        }

        var built = _tokenizer.Template.Build(pair.First, pair.Second);
        _masking.Corrupt(built.Ids, key, corrupted);
        corrupted.TokenTypeIds.AddRange(built.TypeIds);
        corrupted.PairLabel = pair.IsReal ? 0 : 1;
    }

    private (int[] First, int[] Second, bool IsReal)? PairOf(ReadOnlySpan<int> block, CorruptionKey key)
    {
        var (tokens, starts) = _sentences.Cut(block);
        if (starts.Count == 0 || _blocks.DocumentOf(key.Block) is not { } document)
            return null;
        // The numbers up to the block's length are those of the masks.
        var draws = new PhiloxStream(_seed, key.Stream, key.Epoch).Words(key.Block, _blocks.BlockLength + 1L);
        var start = starts[PhiloxStream.ToBounded(draws.X0, starts.Count)];
        var (first, second) = (tokens[..start], tokens[start..]);
        var isReal = draws.X1 < 1U << 31;
        if (!isReal && _kind == SentencePairTask.NextSentence)
        {
            if (Table.OtherThan(document, draws.X2) is not { } other)
                return null;
            second = SecondOf(other, draws.X3);
        }

        (first, second) = Fit(first, second);
        return !isReal && _kind == SentencePairTask.SentenceOrder ? (second, first, false) : (first, second, isReal);
    }

    private int[] SecondOf(long number, uint draw)
    {
        var ids = new int[_blocks.BlockLength];
        var (tokens, starts) = _sentences.Cut(ids.AsSpan(0, _blocks.Read(number, ids)));
        return tokens[starts[PhiloxStream.ToBounded(draw, starts.Count)]..];
    }

    /// <summary>What is too long for a row is cut where the two do not meet: the longer one first.</summary>
    private (int[] First, int[] Second) Fit(int[] first, int[] second)
    {
        var half = _room / 2;
        var firstLength = Math.Min(first.Length, Math.Max(_room - second.Length, half));
        var secondLength = Math.Min(second.Length, _room - firstLength);
        return (first[^firstLength..], second[..secondLength]);
    }
}
