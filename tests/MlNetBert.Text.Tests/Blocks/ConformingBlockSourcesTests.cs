using MlNetBert.Tests.Common;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Blocks;

public sealed class BlockArrayConformanceTests : BlockSourceConformanceTests
{
    protected override IReadOnlyList<(int[] Tokens, long? Document)> Expected { get; } =
        [([2, 5, 0, 0], 4), ([2, 0], null), ([0], 0), ([], null), ([2, 6, 7, 3], 4)];

    protected override IBlockSource Create() => Filled(Expected);

    // The same but for a token less, which is the filler's.
    protected override IBlockSource CreateOther() => Filled([([2, 5, 0], 4), .. Expected.Skip(1)]);

    private static BlockArray Filled(IEnumerable<(int[] Tokens, long? Document)> blocks)
    {
        var array = new BlockArray(blockLength: 4, vocabularySize: 70_000);
        foreach (var (tokens, document) in blocks)
            array.Add(tokens, document);
        return array;
    }
}

/// <summary>Documents kept apart: blocks of several lengths.</summary>
public sealed class TokenStoreConformanceTests : StoreConformanceTests
{
    protected override IReadOnlyList<(int[] Tokens, long? Document)> Expected { get; } =
        [([2, 5, 0, 3], 0), ([2, 6, 3], 0), ([2, 7, 3], 1), ([2, 0, 3], 2)];

    protected override IBlockSource Create() => Store(BlockPacking.OneDocumentPerBlock, "w0 [PAD] w1", "", "w2", "[PAD]");

    protected override IBlockSource CreateOther() => Store(BlockPacking.OneDocumentPerBlock, "w0 [PAD] w1", "", "w2", "w0");
}

/// <summary>A stream that is cut: blocks of several documents, of which one ends with the id of the padding token.</summary>
public sealed class StreamTokenStoreConformanceTests : StoreConformanceTests
{
    protected override IReadOnlyList<(int[] Tokens, long? Document)> Expected { get; } =
        [([2, 5, 6, 0], null), ([3, 2, 7, 0], null), ([3], null)];

    protected override IBlockSource Create() => Stream("w0 w1 [PAD]", "w2 [PAD]");

    protected override IBlockSource CreateOther() => Stream("w0 w1 [PAD]", "w2 w2");

    private TokenStore Stream(params string[] documents) =>
        Store(new BlockOptions { BlockLength = 4, Remainder = RemainderHandling.Pad }, documents);
}

public abstract class StoreConformanceTests : BlockSourceConformanceTests, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private int _stores;

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    protected TokenStore Store(BlockPacking join, params string[] documents) => Store(new BlockOptions { BlockLength = 4, Packing = join }, documents);

    protected TokenStore Store(BlockOptions options, params string[] documents)
    {
        var tokenizer = BertWordPieceTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "w0", "w1", "w2"]);
        return new TokenStoreBuilder(tokenizer, options).Build(_directory.Path($"store{_stores++}"), documents, "data", cancellationToken: TestContext.Current.CancellationToken);
    }
}
