using System.Globalization;
using Microsoft.ML;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Tests.Pretraining.Clm;

public class ClmTaskTests
{
    private static readonly string[] Documents =
        [.. Enumerable.Range(1, 40).Select(length => string.Join(' ', Enumerable.Range(length, length).Select(word => word.ToString("x", CultureInfo.InvariantCulture))))];

    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string, BlockPacking> TokenizersAndPackings => new MatrixTheoryData<string, BlockPacking>(
        ["debertav2", "roberta", "gpt2", "t5", "xlnet", "llama3", "llamaspm", "albert"], [BlockPacking.ConcatenateDocuments, BlockPacking.OneDocumentPerBlock]);

    /// <summary>Documents of every length about a block's: each end is a target once, and no token that begins a text follows another.</summary>
    [Theory]
    [MemberData(nameof(TokenizersAndPackings))]
    public void CreateCorruption_OfAnyTokenizersBlocks_HasOneEndADocument(string name, BlockPacking packing)
    {
        var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", name));
        var options = new BlockOptions { BlockLength = 8, Packing = packing, Remainder = packing == BlockPacking.OneDocumentPerBlock ? null : RemainderHandling.Pad };
        var task = PretrainingTask.Get("clm");
        var blocks = new BlockArray(8, tokenizer.Vocabulary.Count);
        var grouper = new BlockGrouper(task.GroupingFor(options), tokenizer, blocks.Add);
        foreach (var document in Documents)
            grouper.Add(tokenizer.EncodeToIds(document));
        grouper.Complete();

        var corruption = task.CreateCorruption(new PretrainingData(blocks, tokenizer, task.CreateOptions(), 1))!;
        var (targets, first, ids) = (new List<int>(), new List<int>(), new int[8]);
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = ids.AsSpan(0, blocks.Read(i, ids));
            var corrupted = new CorruptedBlock();
            corruption.Corrupt(block, new CorruptionKey(1, 0, i), corrupted);
            targets.AddRange(corrupted.Labels);
            first.Add(block[0]);
        }

        // Of a stream that is cut, the first token of a block is no target, an end neither.
        var end = BlockTemplate.EndOf(tokenizer)!.Value;
        var untold = packing == BlockPacking.ConcatenateDocuments ? first.Count(id => id == end) : 0;
        Assert.Equal(Documents.Length, targets.Count(id => id == end) + untold);
        if (tokenizer.Template.Before is [var begin, ..])
            Assert.Equal(Documents.Length, targets.Concat(first).Count(id => id == begin.Id));
    }

    [Fact]
    public void Fit_OnJoinedBlocksThatEndAsTextsDo_IsRefused()
    {
        var data = SmallCorpus.Load(_ml);
        var chain = Tiny.Tokens(_ml).Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: Tiny.BlockLength, packing: BlockPacking.ConcatenateBlocks))
            .Append(_ml.Transforms.Text.PretrainClm("Prediction", "Tokens", TinyClm.Options()));
        var blocks = _ml.Data.GroupTokenBlocks(Tiny.Tokens(_ml).Fit(data).Transform(data), "Tokens", Tiny.BlockLength, BlockPacking.ConcatenateBlocks);

        var ofChain = Assert.Throws<InvalidOptionsException>(() => chain.Fit(data));
        var ofBlocks = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainClm("Prediction", "Tokens", TinyClm.Options()).Fit(blocks));

        Assert.Contains("every block would end with '[SEP]'", ofChain.Message, StringComparison.Ordinal);
        Assert.Equal(ofChain.Errors, ofBlocks.Errors);
    }

    [Theory]
    [InlineData(Tiny.BlockLength, false, null)]
    [InlineData(4, false, "document 0 has several")]
    [InlineData(4, true, "a block is full, 4 tokens")]
    public void Fit_OnBlocksOfOneDocument_TakesNoneThatHoldAPart(int blockLength, bool dropped, string? fault)
    {
        var data = SmallCorpus.Load(_ml);
        var blocks = _ml.Data.GroupTokenBlocks(Tiny.Tokens(_ml).Fit(data).Transform(data), "Tokens", blockLength, BlockPacking.OneDocumentPerBlock);
        if (dropped)
            blocks = _ml.Transforms.SelectColumns("Tokens").Fit(blocks).Transform(blocks);

        var exception = Record.Exception(() => _ml.Transforms.Text.PretrainClm("Prediction", "Tokens", TinyClm.Options()).Fit(blocks).Dispose());

        Assert.Equal(fault is null, exception is null);
        if (fault is not null)
            Assert.Contains(fault, Assert.IsType<InvalidDataException>(exception).Message, StringComparison.Ordinal);
    }

    /// <summary>What the tool does, and the store that an earlier build made of the same settings is not taken.</summary>
    [Fact]
    public void Run_OfFiles_EndsTextsWhereDocumentsEnd()
    {
        using var directory = new MlNetBert.Tests.Common.TemporaryDirectory();
        File.WriteAllLines(directory.File("a.txt"), Enumerable.Repeat("the cat sits near the mat and the dog sleeps near the house and the bird sings", 20));
        var options = new CorpusPretrainingOptions
        {
            TrainingFiles = [directory.File("a.txt")],
            OutputDirectory = directory.File("out"),
            Blocks = new BlockOptions { BlockLength = 8, Packing = BlockPacking.OneDocumentPerBlock },
            Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 100 },
            Training = new ClmOptions { Size = "tiny", MaxSteps = 1, BatchSize = 4, Threads = 1, Device = "cpu" },
        };
        using var result = new CorpusPretraining(options).Run(cancellationToken: TestContext.Current.CancellationToken);
        using var store = TokenStore.Open(Path.Combine(options.DataDirectory, "training.tokens"));

        var (ids, ends) = (new int[8], 0);
        var end = BlockTemplate.EndOf(result.Model.Tokenizer)!.Value;
        for (var i = 0; i < store.Count; i++)
            ends += ids.AsSpan(0, store.Read(i, ids)).Count(end);
        Assert.Equal(20, ends);
        Assert.True(store.Count > 20);
        Assert.False(new TokenStoreBuilder(result.Model.Tokenizer, options.Blocks).TryOpen(Path.Combine(options.DataDirectory, "training.tokens"), store.MadeFrom.Data, out _, out var reason));
        Assert.Contains("block options", reason, StringComparison.Ordinal);
    }
}
