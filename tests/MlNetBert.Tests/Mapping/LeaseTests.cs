using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Mapping;

public sealed class LeaseTests : IDisposable
{
    private static readonly TextLine Line = new() { Text = "The cat sits near the mat." };

    private readonly MLContext _ml = new(seed: 6);
    private readonly TemporaryDirectory _directory = new();

    public LeaseTests()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        model.Save(_directory.File("model"));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Dispose_OfAPredictionEngine_LeavesTheTransformerToItsOwner()
    {
        using var embedding = Embedding();
        var expected = Predict(embedding);

        Assert.Equal(expected, Predict(embedding));
        Assert.Equal(expected, Features(embedding));
        using var handle = PretrainedModel.FromTransformer(embedding);
        Assert.NotEmpty(handle.Tokenizer.Vocabulary);
        using var loaded = Tiny.Reload<TextEmbeddingTransformer>(_ml, embedding, Rows().Schema);
        Assert.Equal(expected, Predict(loaded));
    }

    [Fact]
    public void Dispose_OfTheOwnerWhileEnginesLive_TakesEffectWithTheLast()
    {
        var before = LiveTensors.CountSettled();
        var embedding = Embedding();
        var first = _ml.Model.CreatePredictionEngine<TextLine, Vector>(embedding);
        var second = _ml.Model.CreatePredictionEngine<TextLine, Vector>(embedding);
        var expected = first.Predict(Line).Features;

        embedding.Dispose();
        Assert.Equal(expected, first.Predict(Line).Features);
        first.Dispose();
        first.Dispose();
        Assert.Equal(expected, second.Predict(Line).Features);
        Assert.True(Tensor.TotalCount > before);
        second.Dispose();

        Assert.Equal(before, Tensor.TotalCount);
        AssertRefused(embedding);
        Assert.StartsWith("MlNetBert", Assert.Throws<ObjectDisposedException>(() => second.Predict(Line)).ObjectName, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_OfTheOwnerTwice_IsHarmless()
    {
        var embedding = Embedding();
        embedding.Dispose();
        embedding.Dispose();

        AssertRefused(embedding);
    }

    [Fact]
    public void Dispose_OfAnEngineOfAChain_LeavesTheChainWhole()
    {
        using var handle = Open();
        var chain = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", handle).Append(_ml.Transforms.Text.EmbedText("Features", "Text", handle)).Fit(Rows());
        var expected = Predict(chain);

        Assert.Equal(expected, Predict(chain));
        Assert.Equal(expected, Features(chain));
        using var loaded = Tiny.Reload<TransformerChain<ITransformer>>(_ml, chain, Rows().Schema);
        Assert.Equal(expected, Predict(loaded));
    }

    [Fact]
    public void Dispose_OfAChainWithoutEngines_FreesItsModel()
    {
        var before = LiveTensors.CountSettled();
        using (var handle = Open())
            _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", handle).Append(_ml.Transforms.Text.EmbedText("Features", "Text", handle)).Fit(Rows()).Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Dispose_AmidRows_EndsTheReadingWithTheNextWindow()
    {
        var embedding = Embedding();
        var view = embedding.Transform(_ml.Data.LoadFromEnumerable(Enumerable.Repeat(Line, 1000)));
        using var cursor = view.GetRowCursor([view.Schema["Features"]]);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]);
        Assert.True(cursor.MoveNext());

        embedding.Dispose();

        VBuffer<float> value = default;
        getter(ref value);
        Assert.Equal(32, value.Length);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            while (cursor.MoveNext())
                getter(ref value);
        });
        Assert.Throws<ObjectDisposedException>(() => cursor.MoveNext());
    }

    [Fact]
    public void CreatePredictionEngine_ThatFails_GivesItsLeaseBack()
    {
        var before = LiveTensors.CountSettled();
        var embedding = Embedding();
        Assert.ThrowsAny<InvalidOperationException>(() => _ml.Model.CreatePredictionEngine<TextLine, Wrong>(embedding));
        LiveTensors.CountSettled();

        embedding.Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Transformer_ThatNobodyDisposesOf_GoesWithTheGarbageCollector()
    {
        var before = LiveTensors.CountSettled();
        Drop();

        Assert.Equal(before, LiveTensors.CountSettled());

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Drop() => Predict(Embedding());
    }

    [Fact]
    public void Save_OfADisposedTransformer_WritesNothing()
    {
        var embedding = Embedding();
        embedding.Dispose();
        using var stream = new MemoryStream();
        stream.Write("before"u8);

        Assert.Throws<ObjectDisposedException>(() => _ml.Model.Save(embedding, Rows().Schema, stream));
        Assert.Throws<ObjectDisposedException>(() => _ml.Model.Save(embedding, Rows().Schema, _directory.File("m.zip")));

        Assert.Equal("before"u8, stream.ToArray());
        Assert.Equal(0, new FileInfo(_directory.File("m.zip")).Length);
    }

    [Fact]
    public void Save_ThatFailsAmidAChain_LeavesNothingThatLooksLikeAModel()
    {
        using var handle = Open();
        using var whole = Embedding();
        var gone = Embedding();
        var chain = new TransformerChain<ITransformer>(_ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", handle).Fit(Rows()), whole, gone);
        gone.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _ml.Model.Save(chain, Rows().Schema, _directory.File("m.zip")));

        Assert.Equal(0, new FileInfo(_directory.File("m.zip")).Length);
        Assert.Throws<InvalidDataException>(() => ZipFile.OpenRead(_directory.File("m.zip")));
        Assert.ThrowsAny<Exception>(() => _ml.Model.Load(_directory.File("m.zip"), out _));
        Assert.Equal(Features(whole), Features(Tiny.Reload<TextEmbeddingTransformer>(_ml, whole, Rows().Schema)));
    }

    [Fact]
    public void Fit_WithADisposedModel_IsRefused()
    {
        var model = Open();
        var embed = _ml.Transforms.Text.EmbedText("Features", "Text", model);
        var classify = Labeled.Pipeline(_ml, model);
        var pretrain = _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = 1 });
        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Fit(Rows()).Transform(SmallCorpus.Load(_ml));
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => embed.Fit(Rows()));
        Assert.Throws<ObjectDisposedException>(() => classify.Fit(Labeled.Load(_ml)));
        Assert.Throws<ObjectDisposedException>(() => pretrain.Fit(tokens));
        Assert.Throws<ObjectDisposedException>(() => model.Save(_directory.File("other")));
        Assert.False(Directory.Exists(_directory.File("other")));
    }

    private void AssertRefused(TextEmbeddingTransformer embedding)
    {
        Assert.Throws<ObjectDisposedException>(() => embedding.Transform(Rows()));
        Assert.Throws<ObjectDisposedException>(() => embedding.GetRowToRowMapper(Rows().Schema));
        Assert.Throws<ObjectDisposedException>(() => PretrainedModel.FromTransformer(embedding));
    }

    private IDataView Rows() => _ml.Data.LoadFromEnumerable([Line]);

    private PretrainedModel Open() => PretrainedModel.FromDirectory(_directory.File("model"));

    private TextEmbeddingTransformer Embedding()
    {
        using var model = Open();
        return _ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(Rows());
    }

    private float[] Predict(ITransformer transformer)
    {
        using var engine = _ml.Model.CreatePredictionEngine<TextLine, Vector>(transformer);
        return engine.Predict(Line).Features;
    }

    private float[] Features(ITransformer transformer) => transformer.Transform(Rows()).GetColumn<float[]>("Features").Single();

    private sealed class Vector
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class Wrong
    {
        public string Features { get; set; } = "";
    }
}
