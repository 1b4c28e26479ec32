using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Objectives.Masking;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>
/// The corruption of BERT's and ALBERT's pretraining: the whole sentences of a block are cut in two, the second part comes from another
/// document (next sentence), or the parts are swapped (sentence order), half of the time; then tokens are masked. Neither ends nor lengths
/// tell the label: both texts are of whole sentences, and a second text of another document and the block's own would have as many
/// sentences, which fit behind the later of both cuts. A block without two sentences has no pair, nor one whose second text does not fit
/// or is the same in the other document. Every decision is a function of (seed, stream, epoch, block).
/// </summary>
internal sealed class SentencePairing : ICorruption
{
    private readonly IBlockSource _blocks;
    private readonly SubwordTokenizer _tokenizer;
    private readonly TokenMasking _masking;
    private readonly SentencePairTask _kind;
    private readonly long _seed;
    private readonly BlockSentences _sentences;

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
        _sentences = new BlockSentences(blocks, tokenizer);
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
        if (PairOf(_sentences.Cut(key.Block, block), key) is not { } pair)
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

    /// <summary>Of how many of some blocks no pair is cut in the first epoch, because it does not fit or the second texts are the
    /// same; those without two sentences are left out.</summary>
    /// <param name="most">How many blocks are looked at, at most, evenly spread.</param>
    /// <returns>How many have no pair, and how many of those that were looked at have two sentences.</returns>
    public (int WithoutPair, int Cuttable) Sample(int most)
    {
        var (without, cuttable) = (0, 0);
        var looked = Math.Min(most, _blocks.Count);
        for (var i = 0L; i < looked; i++)
        {
            var number = i * _blocks.Count / looked;
            var own = _sentences.Read(number);
            if (own.CutCount == 0)
                continue;
            cuttable++;
            if (PairOf(own, new CorruptionKey(RandomStreams.TrainingCorruption, 0, number)) is null)
                without++;
        }

        return (without, cuttable);
    }

    private (int[] First, int[] Second, bool IsReal)? PairOf(SentenceRun own, CorruptionKey key)
    {
        if (own.CutCount == 0 || _blocks.DocumentOf(key.Block) is not { } document)
            return null;
        // The numbers up to the block's length are those of the masks.
        var draws = new PhiloxStream(_seed, key.Stream, key.Epoch).Words(key.Block, _blocks.BlockLength + 1L);
        var cut = PhiloxStream.ToBounded(draws.X0, own.CutCount);
        var isReal = draws.X1 < 1U << 31;
        var first = own.Before(cut);
        if (_kind == SentencePairTask.SentenceOrder)
        {
            var second = own.Behind(cut, own.CountBehind(cut));
            return isReal ? (first, second, true) : (second, first, false);
        }

        if (Table.OtherThan(document, draws.X2) is not { } number)
            return null;
        var other = _sentences.Read(number);
        var otherCut = PhiloxStream.ToBounded(draws.X3, other.CutCount);
        var count = CommonCount(own, cut, other, otherCut);
        var (follows, replaces) = (own.Behind(cut, count), other.Behind(otherCut, count));
        return count == 0 || follows.AsSpan().SequenceEqual(replaces) ? null : (first, isReal ? follows : replaces, isReal);
    }

    /// <summary>
    /// How many sentences are taken behind two cuts: as many as both have within the room behind the later cut. Each could stand behind
    /// either, so that lengths do not tell which one does.
    /// </summary>
    private int CommonCount(SentenceRun own, int cut, SentenceRun other, int otherCut)
    {
        var room = _sentences.Room - Math.Max(own.Bounds[cut + 1], other.Bounds[otherCut + 1]);
        var count = Math.Min(own.CountBehind(cut), other.CountBehind(otherCut));
        while (count > 0 && Math.Max(own.Behind(cut, count).Length, other.Behind(otherCut, count).Length) > room)
            count--;
        return count;
    }
}
