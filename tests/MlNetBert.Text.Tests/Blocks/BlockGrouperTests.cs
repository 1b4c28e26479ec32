using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tests.Tokenizers;

namespace MlNetBert.Text.Tests.Blocks;

public sealed class BlockGrouperTests
{
    private static readonly BlockTemplate Bert = new([2], [3], []);
    private static readonly BlockTemplate EndOnly = new([], [3], []);
    private static readonly BlockTemplate TwoAtTheEnd = new([], [3, 2], []);
    private static readonly BlockTemplate EndOfText = new([], [], [3]);
    private static readonly BlockTemplate Nothing = new([], [], []);

    [Fact]
    public void Add_WrappedDocuments_CutsTheStream() =>
        Assert.Equal(
            ["2 10 11 12", "13 3 2 20"],
            Group(new() { BlockLength = 4 }, [10, 11, 12, 13], [], [20]));

    [Fact]
    public void Add_EmptyDocumentsNotSkipped_AreWrapped() =>
        Assert.Equal(["2 3 2 10"], Group(new() { BlockLength = 4, SkipEmptyDocuments = false }, [], [10]));

    [Fact]
    public void Complete_RemainderPadded_GivesALastBlock() =>
        Assert.Equal(
            ["2 10 11 3", "2 20 3"],
            Group(new() { BlockLength = 4, Remainder = RemainderHandling.Pad }, [10, 11], [20]));

    [Fact]
    public void Add_WrappedBlocks_FramesEveryBlock() =>
        Assert.Equal(
            ["2 10 11 3", "2 12 20 3"],
            Group(new() { BlockLength = 4, Packing = BlockPacking.ConcatenateBlocks }, [10, 11, 12], [20], [30]));

    [Fact]
    public void Complete_WrappedBlocksRemainderPadded_ClosesTheLastBlock() =>
        Assert.Equal(
            ["2 10 11 3", "2 12 3"],
            Group(new() { BlockLength = 4, Packing = BlockPacking.ConcatenateBlocks, Remainder = RemainderHandling.Pad }, [10, 11, 12]));

    [Fact]
    public void Add_DocumentsKeptApart_GivesEachBlocksOfItsOwn() =>
        Assert.Equal(
            ["0: 2 10 11 3", "0: 2 12 3", "1: 2 20 3", "2: 2 30 31 3"],
            Group(new() { BlockLength = 4, Packing = BlockPacking.OneDocumentPerBlock }, [10, 11, 12], [], [20], [30, 31]));

    [Fact]
    public void Complete_Dropped_CountsTokensAndDocuments()
    {
        var grouper = new BlockGrouper(new() { BlockLength = 4 }, Bert, (_, _) => { });
        grouper.Add([10, 11, 12]);
        grouper.Add([]);
        grouper.Complete();
        Assert.Equal((1L, 1L, 5L, 1L, 1), (grouper.Documents, grouper.SkippedDocuments, grouper.Tokens, grouper.Blocks, grouper.DroppedTokens));
        Assert.Throws<InvalidOperationException>(() => grouper.Add([1]));
    }

    [Fact]
    public void Constructor_BadOptions_ListsAllFaults()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new BlockGrouper(
            new() { BlockLength = 2, Packing = (BlockPacking)9, Remainder = (RemainderHandling)9 }, BertTokenizers.For("wordpiece-uncased"), (_, _) => { }));
        Assert.Equal(3, exception.Errors.Count);
        Assert.Contains("BlockLength must be at least 3 ([CLS], a token, [SEP])", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_TemplateOfAnEndAlone_ClosesDocumentsOrBlocks()
    {
        int[][] documents = [[10, 11, 12, 13], [20], [30]];
        Assert.Equal(["10 11 12 13", "3 20 3 30", "3"], Group(EndOnly, BlockPacking.ConcatenateDocuments, documents));
        Assert.Equal(["10 11 12 3", "13 20 30 3"], Group(EndOnly, BlockPacking.ConcatenateBlocks, documents));
        Assert.Equal(["0: 10 11 12 3", "0: 13 3", "1: 20 3", "2: 30 3"], Group(EndOnly, BlockPacking.OneDocumentPerBlock, documents));
        Assert.Equal(["0: 10 11 3 2", "0: 12 13 3 2", "1: 20 3 2", "2: 30 3 2"], Group(TwoAtTheEnd, BlockPacking.OneDocumentPerBlock, documents));
    }

    [Fact]
    public void Add_EmptyTemplate_PutsTheEndOfTextBehindEachDocument()
    {
        int[][] documents = [[10, 11, 12, 13], [20], [30]];
        Assert.Equal(["10 11 12 13", "3 20 3 30", "3"], Group(EndOfText, BlockPacking.ConcatenateDocuments, documents));
        Assert.Equal(["10 11 12 13", "3 20 3 30", "3"], Group(EndOfText, BlockPacking.ConcatenateBlocks, documents));
        Assert.Equal(["0: 10 11 12 13", "0: 3", "1: 20 3", "2: 30 3"], Group(EndOfText, BlockPacking.OneDocumentPerBlock, documents));
        Assert.Equal(["10 11 12 13", "20 30"], Group(Nothing, BlockPacking.ConcatenateDocuments, documents));
        Assert.Equal(["0: 10 11 12 13", "1: 20", "2: 30"], Group(Nothing, BlockPacking.OneDocumentPerBlock, documents));
    }

    [Fact]
    public void Add_EmptyDocumentsKeptApart_GiveTheTemplateAlone()
    {
        static List<string> Grouped(BlockTemplate template) => Group(template, new BlockOptions { BlockLength = 4, Packing = BlockPacking.OneDocumentPerBlock, SkipEmptyDocuments = false }, [], [10]);
        Assert.Equal(["0: 2 3", "1: 2 10 3"], Grouped(Bert));
        Assert.Equal(["0: 3", "1: 10 3"], Grouped(EndOnly));
        Assert.Equal(["0: 3", "1: 10 3"], Grouped(EndOfText));
        Assert.Equal(["1: 10"], Grouped(Nothing));
    }

    [Fact]
    public void Add_TemplateAroundDocuments_StandsWhereTheyBeginAndEnd()
    {
        static List<string> Grouped(BlockTemplate template, params int[][] documents) =>
            Group(template, new BlockOptions { BlockLength = 4, Packing = BlockPacking.OneDocumentPerBlock, TemplateAroundDocuments = true, SkipEmptyDocuments = false }, documents);
        int[][] documents = [[10, 11, 12, 13, 14, 15], [20], []];
        Assert.Equal(["0: 2 10 11 12", "0: 13 14 15 3", "1: 2 20 3", "2: 2 3"], Grouped(Bert, documents));
        Assert.Equal(["0: 10 11 12 13", "0: 14 15 3", "1: 20 3", "2: 3"], Grouped(EndOnly, documents));
        Assert.Equal(["0: 10 11 12 13", "0: 14 15 3 2", "1: 20 3 2", "2: 3 2"], Grouped(TwoAtTheEnd, documents));
        Assert.Equal(["0: 10 11 12 13", "0: 14 15 3", "1: 20 3", "2: 3"], Grouped(EndOfText, documents));
        Assert.Equal(["0: 10 11 12 13", "0: 14 15", "1: 20"], Grouped(Nothing, documents));
    }

    [Fact]
    public void Add_TemplateAroundDocumentsThatFillTheirBlocks_LeavesNoEndAlone()
    {
        static List<string> Grouped(BlockTemplate template, params int[] document) =>
            Group(template, new BlockOptions { BlockLength = 4, Packing = BlockPacking.OneDocumentPerBlock, TemplateAroundDocuments = true }, [document]);
        Assert.Equal(["0: 2 10 11", "0: 12 3"], Grouped(Bert, 10, 11, 12));
        Assert.Equal(["0: 10 11 12 13", "0: 14 15 16", "0: 17 3"], Grouped(EndOfText, 10, 11, 12, 13, 14, 15, 16, 17));
        Assert.Equal(["0: 10 11 12", "0: 13 3 2"], Grouped(TwoAtTheEnd, 10, 11, 12, 13));
        Assert.Equal(["0: 10 11 12 13"], Grouped(Nothing, 10, 11, 12, 13));
    }

    [Fact]
    public void Constructor_TemplateAroundDocumentsOfBlocksThatEndWithIt_IsRefused()
    {
        var options = new BlockOptions { BlockLength = 4, Packing = BlockPacking.ConcatenateBlocks, TemplateAroundDocuments = true };

        var exception = Assert.Throws<InvalidOptionsException>(() => new BlockGrouper(options, BertTokenizers.For("wordpiece-uncased"), (_, _) => { }));

        Assert.Contains("'[SEP]'", Assert.Single(exception.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(RemainderHandling.Pad, 0)]
    [InlineData(RemainderHandling.Drop, 1)]
    public void Validate_RemainderWithOneDocumentPerBlock_MayOnlyBePadded(RemainderHandling? remainder, int expected)
    {
        var exception = Record.Exception(new BlockOptions { Packing = BlockPacking.OneDocumentPerBlock, Remainder = remainder }.Validate);

        Assert.Equal(expected, (exception as InvalidOptionsException)?.Errors.Count(fault => fault.StartsWith("Remainder must be left out", StringComparison.Ordinal)) ?? 0);
    }

    [Fact]
    public void Add_AnyDocuments_KeepsEveryTokenInOrder() =>
        Gen.Select(Gen.Int[5, 99].Array[0, 30].Array[0, 20], Gen.Int[3, 17], Gen.Enum<BlockPacking>(), Gen.Int[0, 4]).Sample((documents, length, join, number) =>
        {
            BlockTemplate template = ((BlockTemplate[])[Bert, EndOnly, TwoAtTheEnd, EndOfText, Nothing])[number];
            var tokens = new List<int>();
            var blocks = 0;
            var grouper = new BlockGrouper(new() { BlockLength = length, Packing = join, Remainder = Kept(join) }, template, (ids, document) =>
            {
                Assert.InRange(ids.Length, 1, length);
                Assert.Equal(join == BlockPacking.OneDocumentPerBlock, document is not null);
                blocks++;
                tokens.AddRange(ids.ToArray().Where(id => id >= 5));
            });
            foreach (int[] document in documents)
                grouper.Add(document);
            grouper.Complete();
            Assert.Equal(documents.SelectMany(document => document), tokens);
            Assert.Equal(grouper.Blocks, blocks);
        });

    [Theory]
    [InlineData("test, [CLS] and [SEP] round each line", true)]
    [InlineData("test, no special tokens", false)]
    public void Add_WikiText_EqualsTheReferenceBlocks(string name, bool wrapped)
    {
        JsonElement golden = JsonElement.Parse(File.ReadAllText(SharedFiles.Path("golden/corpus/blocks.json"))).GetProperty(name);
        SubwordTokenizer tokenizer = BertTokenizers.For("wordpiece-uncased");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int[]? first = null;
        long stream = 0;

        void Receive(ReadOnlySpan<int> ids, long? document)
        {
            first ??= ids.ToArray();
            hash.AppendData(MemoryMarshal.AsBytes(ids));
        }

        // Without special tokens the reference is a bare stream, which no join gives: it is cut here, to hold the tokens themselves.
        var grouper = new BlockGrouper(new() { BlockLength = 128, SkipEmptyDocuments = false }, tokenizer, Receive);
        var bare = new List<int>();
        var ids = new List<int>();
        foreach (string line in File.ReadLines(SharedFiles.Path("data/wikitext-2-test.txt")))
        {
            ids.Clear();
            tokenizer.EncodeToIds(line, ids);
            stream += ids.Count;
            if (wrapped)
                grouper.Add(CollectionsMarshal.AsSpan(ids));
            else
                bare.AddRange(ids);
        }

        for (int i = 0; i + 128 <= bare.Count; i += 128)
            Receive(CollectionsMarshal.AsSpan(bare).Slice(i, 128), null);
        Assert.Equal(golden.GetProperty("tokens").GetInt64(), wrapped ? grouper.Tokens : stream);
        Assert.Equal(golden.GetProperty("blocks_of_128_whole_corpus").GetInt64(), wrapped ? grouper.Blocks : stream / 128);
        Assert.Equal(golden.GetProperty("first_block").EnumerateArray().Select(id => id.GetInt32()), first!);
        Assert.Equal(golden.GetProperty("sha256_of_int32_little_endian_ids_in_whole_blocks").GetString(), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static RemainderHandling? Kept(BlockPacking join) => join == BlockPacking.OneDocumentPerBlock ? null : RemainderHandling.Pad;

    private static List<string> Group(BlockOptions options, params int[][] documents) => Group(Bert, options, documents);

    private static List<string> Group(BlockTemplate template, BlockPacking join, int[][] documents) =>
        Group(template, new BlockOptions { BlockLength = 4, Packing = join, Remainder = Kept(join) }, documents);

    /// <summary>Each block as text, after the number of its document where it has one.</summary>
    private static List<string> Group(BlockTemplate template, BlockOptions options, params int[][] documents)
    {
        var blocks = new List<string>();
        var grouper = new BlockGrouper(options, template, (ids, document) => blocks.Add((document is null ? "" : $"{document}: ") + string.Join(' ', ids.ToArray())));
        foreach (int[] document in documents)
            grouper.Add(document);
        grouper.Complete();
        return blocks;
    }
}
