using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Blocks;
using MlNetBert.Tokenization;

namespace MlNetBert.Tests.Blocks;

public class TokenBlocksTests
{
    private readonly MLContext _ml = new(seed: 3);

    [Fact]
    public void GroupTokenBlocks_InAChain_PassesRowsThrough()
    {
        var grouped = Tiny.Group(_ml).Fit(Tokens).Transform(Tokens);

        Assert.Equal(ViewReader.Read(Tokens, Tokens.Schema)["Text#0"], ViewReader.Read(grouped, grouped.Schema)["Text#0"]);
        Assert.False(((VectorDataViewType)grouped.Schema["Tokens"].Type).IsKnownSize);
        Assert.Equal(
            ViewReader.Read(Tokens, [Tokens.Schema["Tokens"]]).Values.Last(), ViewReader.Read(grouped, [grouped.Schema["Tokens"]]).Values.Last());
    }

    [Theory]
    [InlineData(BlockPacking.ConcatenateDocuments, RemainderHandling.Drop)]
    [InlineData(BlockPacking.ConcatenateBlocks, RemainderHandling.Pad)]
    [InlineData(BlockPacking.OneDocumentPerBlock, null)]
    public void GroupTokenBlocks_AsData_GivesTheGroupersBlocks(BlockPacking packing, RemainderHandling? remainder)
    {
        var view = _ml.Data.GroupTokenBlocks(Tokens, "Tokens", Tiny.BlockLength, packing, remainder);

        var expected = new List<string>();
        var documents = new List<string>();
        var grouper = new BlockGrouper(
            new BlockOptions { BlockLength = Tiny.BlockLength, Packing = packing, Remainder = remainder },
            Tiny.Tokenizer,
            (ids, document) =>
            {
                expected.Add("16: " + string.Join('|', ids.ToArray().Select(id => id + 1).Concat(Enumerable.Repeat(0, Tiny.BlockLength - ids.Length))));
                documents.Add($"{document}");
            });
        foreach (var sentence in SmallCorpus.Sentences)
            grouper.Add(Tiny.Tokenizer.EncodeToIds(sentence));
        grouper.Complete();
        var read = ViewReader.Read(view, view.Schema);
        Assert.Equal(expected, read["Tokens#0"]);
        Assert.Equal(packing == BlockPacking.OneDocumentPerBlock, read.TryGetValue("Tokens.Document#1", out var numbers));
        if (numbers is not null)
            Assert.Equal(documents, numbers);
        Assert.Equal(Tiny.BlockLength, ((VectorDataViewType)view.Schema["Tokens"].Type).Size);
    }

    [Fact]
    public void PretrainMlm_OnAChainOrOnBlocksOrNested_TrainsTheSameWeights()
    {
        var expected = Tiny.Weights(Tiny.Tokens(_ml).Append(Tiny.Group(_ml)).Append(Pretrain()).Fit(Data));

        var blocks = _ml.Data.GroupTokenBlocks(Tiny.Learn(_ml).Fit(Data).Transform(Data), "Tokens", Tiny.BlockLength);
        Assert.Equal(expected, Tiny.Weights(Pretrain().Fit(blocks)));

        IEstimator<ITransformer> nested = Tiny.Learn(_ml);
        nested = nested.Append(Tiny.Group(_ml));
        nested = nested.Append(Pretrain());
        Assert.Equal(expected, Tiny.Weights(nested.Fit(Data)));

        var cached = Tiny.Tokens(_ml).AppendCacheCheckpoint(_ml).Append(Tiny.Group(_ml)).AppendCacheCheckpoint(_ml).Append(Pretrain());
        Assert.Equal(expected, Tiny.Weights(cached.Fit(Data)));
    }

    [Fact]
    public void PretrainMlm_WithoutGrouping_TakesTheDefaults()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => Pretrain().Fit(Tokens));

        // 128 tokens are more than this model's positions: the default was taken, and is named.
        Assert.Contains("blockLength", exception.Message, StringComparison.Ordinal);
        Assert.Contains("128", exception.Message, StringComparison.Ordinal);
        Assert.Contains("24 positions", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GroupTokenBlocks_ImpossibleLength_IsNamed()
    {
        Assert.Contains("BlockLength", Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 0)).Message, StringComparison.Ordinal);
        Assert.Contains("BlockLength", Assert.Throws<InvalidOptionsException>(() => _ml.Data.GroupTokenBlocks(Tokens, "Tokens", blockLength: -1)).Message, StringComparison.Ordinal);

        // Shorter than what the column's tokenizer adds to a text.
        var exception = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 2).Fit(Tokens));
        Assert.Contains("at least 3 ([CLS], a token, [SEP])", exception.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionsException>(() => _ml.Data.GroupTokenBlocks(Tokens, "Tokens", blockLength: 2));
    }

    [Fact]
    public void GroupTokenBlocks_DroppedRemainderOfDocumentsKeptApart_IsRefused()
    {
        var options = new BlockOptions { Packing = BlockPacking.OneDocumentPerBlock, Remainder = RemainderHandling.Drop };
        Assert.Contains("Remainder", Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.GroupTokenBlocks("Tokens", null, options)).Message, StringComparison.Ordinal);
        Assert.Contains("Remainder", Assert.Throws<InvalidOptionsException>(() => _ml.Data.GroupTokenBlocks(Tokens, "Tokens", options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BlocksOf_AnnotationOfABuildThatIgnoredTheRemainder_LeavesItOut()
    {
        var schema = new DataViewSchema.Builder();
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(TokenColumn.BlocksAnnotation, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) =>
            value = """{"BlockLength":16,"Join":2,"Remainder":0,"SkipEmptyDocuments":true}""".AsMemory());
        schema.AddColumn("Tokens", TokenColumn.VectorType(10), annotations.ToAnnotations());

        Assert.Equal(new BlockOptions { BlockLength = 16, Packing = BlockPacking.OneDocumentPerBlock }, TokenColumn.BlocksOf(schema.ToSchema()["Tokens"]));
    }

    private IDataView Data => SmallCorpus.Load(_ml);

    private IDataView Tokens => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Fit(Data).Transform(Data);

    private MlmPretrainingEstimator Pretrain() => _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options(steps: 3));
}
