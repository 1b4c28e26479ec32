using Microsoft.ML;
using MlNetBert.Embeddings;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Embeddings;

public sealed class EmbedTokensTests : IDisposable
{
    private static readonly string[] Texts = ["The cat sits.", "", "  the QQ cat ", "The dog runs near the river, then the horse runs near the river, then the dog runs near the house."];

    private readonly MLContext _ml = new(seed: 8);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Transform_AnyRow_GivesTheHiddenStatesOfItsPieces()
    {
        var rows = Embed(Texts);

        foreach (var (text, row) in Texts.Zip(rows))
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            var ids = _model.Tokenizer.EncodeToIds(text).Take(22).ToArray();
            var states = _model.Network.Backbone.forward(new(tensor(_model.Tokenizer.Template.Build(ids).Ids).to(ScalarType.Int64).unsqueeze(0))).LastHiddenState[0].data<float>().ToArray();
            Assert.Equal(ids.Select(id => _model.Tokenizer.Vocabulary[id]), row.Tokens);
            Assert.All(states.Skip(32).Take(ids.Length * 32).Zip(row.Vectors), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            Assert.Equal(ids.Length * 32, row.Vectors.Length);
        }

        Assert.Equal(22, rows[3].Tokens.Length);
    }

    [Fact]
    public void Transform_AnyRow_GivesOffsetsIntoItsText()
    {
        var row = Embed(Texts[2])[0];

        Assert.Equal("the", Texts[2][row.Starts[0]..row.Ends[0]]);
        Assert.Equal("cat", Texts[2][row.Starts[^1]..row.Ends[^1]]);
        Assert.Equal(row.Tokens.Length, row.Starts.Length);
        Assert.Equal(row.Tokens.Length, row.Ends.Length);
    }

    [Fact]
    public void Transform_SameWordInTwoContexts_GivesTwoVectors()
    {
        var rows = Embed("the cat sits near the mat.", "the cat sleeps near the river.");

        Assert.Equal("cat", rows[0].Tokens[1]);
        Assert.Equal("cat", rows[1].Tokens[1]);
        Assert.NotEqual(rows[0].GetVector(1).ToArray(), rows[1].GetVector(1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => rows[0].GetVector(rows[0].Tokens.Length));
    }

    [Fact]
    public void Transform_WordsAveraged_GivesTheMeanOfTheirPieces()
    {
        const string Text = "The cateats runs.";
        var pieces = Embed(Text)[0];
        var words = Embed(new TokenEmbeddingOptions { Unit = TokenUnit.Word }, Text)[0];
        var last = pieces.Tokens.Length - 3;

        Assert.True(pieces.Tokens.Length > 4, string.Join(' ', pieces.Tokens));
        Assert.Equal(["The", "cateats", "runs", "."], words.Tokens);
        Assert.Equal((4, 11), (words.Starts[1], words.Ends[1]));
        Assert.Equal(pieces.GetVector(0).ToArray(), words.GetVector(0).ToArray());
        for (var i = 0; i < 32; i++)
            Assert.Equal(Enumerable.Range(1, last).Average(token => pieces.GetVector(token)[i]), words.GetVector(1)[i], 1e-5f);
    }

    [Fact]
    public void Transform_Normalized_GivesUnitVectors()
    {
        var row = Embed(new TokenEmbeddingOptions { Normalize = true }, Texts[0])[0];

        for (var token = 0; token < row.Tokens.Length; token++)
            Assert.Equal(1, row.GetVector(token).ToArray().Sum(v => v * v), 1e-5f);
    }

    [Fact]
    public void PredictionEngine_AndOneByOne_GiveTheSameAsTogether()
    {
        using var fitted = Fit(new TokenEmbeddingOptions { Unit = TokenUnit.Word });
        var together = Read(fitted, Texts);
        using var engine = _ml.Model.CreatePredictionEngine<SmallCorpus.Row, TokenEmbeddingPrediction>(fitted, ignoreMissingColumns: false);

        foreach (var (text, expected) in Texts.Zip(together))
        {
            var one = engine.Predict(new SmallCorpus.Row { Text = text });
            Assert.Equal(expected.Tokens, one.Tokens);
            Assert.Equal(expected.Starts, one.Starts);
            Assert.Equal(expected.Ends, one.Ends);
            Assert.All(expected.Vectors.Zip(one.Vectors), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public void Load_InAFreshProcess_EmbedsTheSame()
    {
        using var directory = new TemporaryDirectory();
        using (var fitted = Fit(new TokenEmbeddingOptions { Unit = TokenUnit.Word, MaxLength = 9 }))
            _ml.Model.Save(fitted, Tiny.Rows(_ml).Schema, directory.File("m.zip"));

        var child = ChildProcess.Run(EmbedInChild, directory.File("m.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(EmbedInChild(directory.File("m.zip")), child.Result);
        var loaded = _ml.Model.Load(directory.File("m.zip"), out _);
        using var own = Assert.IsType<TokenEmbeddingTransformer>(loaded is IEnumerable<ITransformer> chain ? chain.Last() : loaded);
        Assert.Equal(new TokenEmbeddingSettings(TokenUnit.Word, false, 9), own.Settings);
    }

    [Fact]
    public void EmbedTokens_BFloat16_IsNearFloat32AndStaysWithTheSavedModel()
    {
        using var wide = Fit(new TokenEmbeddingOptions());
        using var narrow = Fit(new TokenEmbeddingOptions { Precision = Precision.BFloat16 });
        var (expected, found) = (Vectors(wide), Vectors(narrow));

        using var loaded = Tiny.Reload<TokenEmbeddingTransformer>(_ml, narrow, Tiny.Rows(_ml).Schema);

        Assert.NotEqual(expected, found);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 0.1f));
        Assert.Equal(Precision.BFloat16, loaded.Inference.Precision);
        Assert.Equal(found, Vectors(loaded));

        float[] Vectors(TokenEmbeddingTransformer transformer) => _ml.Data.CreateEnumerable<TokenEmbeddingPrediction>(transformer.Transform(Tiny.Rows(_ml, Texts[0])), reuseRowObject: false).Single().Vectors;
    }

    [Fact]
    public void EmbedTokens_ImpossibleOptions_AreNamed()
    {
        Assert.Single(Assert.Throws<InvalidOptionsException>(() => Fit(new TokenEmbeddingOptions { Precision = (Precision)9 })).Errors);
        Assert.Contains("24 positions", Assert.Throws<InvalidOptionsException>(() => Fit(new TokenEmbeddingOptions { MaxLength = 25 })).Message, StringComparison.Ordinal);
        Assert.Single(Assert.Throws<InvalidOptionsException>(() => Fit(new TokenEmbeddingOptions { MaxLength = 2 })).Errors);
    }

    [Fact]
    public void Embed_LeavesNoTensor()
    {
        var embedder = new TokenEmbedder(_model, new TokenEmbeddingOptions { Unit = TokenUnit.Word, Normalize = true });
        embedder.Embed(Texts);
        var before = LiveTensors.CountSettled();

        embedder.Embed(Texts);

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static string EmbedInChild(string path)
    {
        var ml = new MLContext();
        var loaded = ml.Model.Load(path, out _);
        return string.Join("; ", Read(ml, loaded, Texts).Select(r => string.Join(' ', r.Tokens) + string.Join(' ', r.Vectors.Select(v => BitConverter.SingleToUInt32Bits(v).ToString("x8")))));
    }

    private static List<TokenEmbeddingPrediction> Read(MLContext ml, ITransformer fitted, params string[] texts) =>
        [.. ml.Data.CreateEnumerable<TokenEmbeddingPrediction>(fitted.Transform(Tiny.Rows(ml, texts)), reuseRowObject: false)];

    private TokenEmbeddingTransformer Fit(TokenEmbeddingOptions options) => _ml.Transforms.Text.EmbedTokens("Embedding", "Text", _model, options).Fit(Tiny.Rows(_ml));

    private List<TokenEmbeddingPrediction> Read(ITransformer fitted, params string[] texts) => Read(_ml, fitted, texts);

    private List<TokenEmbeddingPrediction> Embed(params string[] texts) => Embed(new TokenEmbeddingOptions(), texts);

    private List<TokenEmbeddingPrediction> Embed(TokenEmbeddingOptions options, params string[] texts)
    {
        using var fitted = Fit(options);
        return Read(fitted, texts);
    }
}
