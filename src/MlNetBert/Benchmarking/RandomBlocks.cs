using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;

namespace MlNetBert.Benchmarking;

/// <summary>Full blocks of random ordinary tokens: the cost of a step does not depend on what the text says.</summary>
internal sealed class RandomBlocks(SubwordTokenizer tokenizer, int blockLength, long count) : IBlockSource
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    public long Count => count;

    public int BlockLength => blockLength;

    public string Fingerprint => $"random tokens, {count} blocks of {blockLength}";

    /// <summary>A vocabulary of a size, whose pieces mean nothing.</summary>
    public static SubwordTokenizer Tokenizer(int vocabularySize) =>
        SubwordTokenizer.FromVocabulary([.. Special, .. Enumerable.Range(0, vocabularySize - Special.Length).Select(i => $"w{i}")]);

    public int Read(long index, Span<int> ids)
    {
        BlockSpans.Check(this, index, ids);
        var draws = new PhiloxStream(seed: 1, stream: 0, epoch: 0);
        var (before, after) = (tokenizer.Template.Before, tokenizer.Template.After);
        for (var i = 0; i < ids.Length; i++)
            ids[i] = Special.Length + PhiloxStream.ToBounded(draws.UInt32(index, i), tokenizer.Vocabulary.Count - Special.Length);
        for (var i = 0; i < before.Count; i++)
            ids[i] = before[i].Id;
        for (var i = 0; i < after.Count; i++)
            ids[ids.Length - after.Count + i] = after[i].Id;
        return ids.Length;
    }

    public long? DocumentOf(long index)
    {
        BlockSpans.Check(this, index);
        return null;
    }
}
