using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>
/// The whole sentences of blocks of one document each. A block that continues a document may begin inside a sentence, and any may end
/// inside one: what is before the first whole sentence and behind the last is left out.
/// </summary>
internal sealed class BlockSentences
{
    private readonly IBlockSource _blocks;
    private readonly BlockTemplate _template;
    private readonly SentenceEnds _ends;

    /// <summary>Makes a reader.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="tokenizer">The tokenizer that they were made with.</param>
    public BlockSentences(IBlockSource blocks, SubwordTokenizer tokenizer)
    {
        (_blocks, _template, _ends) = (blocks, BlockTemplate.Of(tokenizer), new SentenceEnds(tokenizer));
        Room = blocks.BlockLength - tokenizer.Template.PairAddedCount;
    }

    /// <summary>How many tokens two texts have together, at most.</summary>
    public int Room { get; }

    /// <summary>Reads a block.</summary>
    /// <param name="number">Its number.</param>
    /// <returns>Its sentences that fit into a row.</returns>
    public SentenceRun Read(long number)
    {
        var ids = new int[_blocks.BlockLength];
        return Cut(number, ids.AsSpan(0, _blocks.Read(number, ids)));
    }

    /// <summary>Finds the sentences of a block.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="block">Its ids.</param>
    /// <returns>Its sentences that fit into a row.</returns>
    public SentenceRun Cut(long number, ReadOnlySpan<int> block)
    {
        var (first, last) = _template.EdgesOf(block);
        var tokens = block[first..^last].ToArray();
        var bounds = new List<int>();
        _ends.Find(tokens, bounds);
        bounds.RemoveAll(end => end > Room);
        if (_blocks.BeginsDocument(number))
            bounds.Insert(0, 0);
        return new SentenceRun(tokens, [.. bounds]);
    }
}
