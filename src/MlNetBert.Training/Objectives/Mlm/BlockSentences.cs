using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>The sentences of blocks of one document, without the special tokens that grouping put around them.</summary>
internal sealed class BlockSentences(SubwordTokenizer tokenizer)
{
    private readonly BlockTemplate _template = BlockTemplate.Of(tokenizer);
    private readonly SentenceEnds _ends = new(tokenizer);

    /// <summary>Finds the sentences of a block.</summary>
    /// <param name="block">The block's ids.</param>
    /// <returns>The ids between the special tokens, and where sentences begin among them, the first left out.</returns>
    public (int[] Tokens, List<int> Starts) Cut(ReadOnlySpan<int> block)
    {
        var first = block.StartsWith(_template.Start) ? _template.Start.Length : 0;
        var last = block.Length > first && block.EndsWith(_template.End) ? _template.End.Length : 0;
        if (last == 0 && _template.DocumentEnd.Length > 0 && block[first..].EndsWith(_template.DocumentEnd))
            last = _template.DocumentEnd.Length;
        var tokens = block[first..^last].ToArray();
        var starts = new List<int>();
        _ends.Find(tokens, starts);
        return (tokens, starts);
    }
}
