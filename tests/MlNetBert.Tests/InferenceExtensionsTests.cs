using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests;

public class InferenceExtensionsTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void PrepareForInference_OfALoadedChain_SetsPrecisionAndBatchesAndSavesThePrecision()
    {
        var rows = SmallCorpus.Load(_ml);
        var loaded = Tiny.Reload<TransformerChain<ITransformer>>(_ml, Tiny.Fitted, rows.Schema);
        var expected = Tiny.Fill(_ml, loaded, "The [MASK] sits.")[0].Scores;

        _ml.Model.PrepareForInference(loaded, new InferenceOptions { Device = "cpu", Precision = Precision.BFloat16, BatchSize = 3 });

        var found = Tiny.Fill(_ml, loaded, "The [MASK] sits.")[0].Scores;
        Assert.NotEqual(expected, found);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 0.02f));
        var transformer = (FillMaskTransformer)loaded.LastTransformer;
        Assert.Equal(new InferenceOptions { Device = "cpu", Precision = Precision.BFloat16, BatchSize = 3 }, transformer.Inference);
        var again = Tiny.Reload<TransformerChain<ITransformer>>(_ml, loaded, rows.Schema);
        Assert.Equal(found, Tiny.Fill(_ml, again, "The [MASK] sits.")[0].Scores);
        _ml.Model.PrepareForInference(loaded, new InferenceOptions());
        Assert.Equal(expected, Tiny.Fill(_ml, loaded, "The [MASK] sits.")[0].Scores);
        again.Dispose();
        loaded.Dispose();
    }

    [Fact]
    public void PrepareForInference_OfEveryFineTunedTransformer_ComputesInTheirPrecision()
    {
        using var start = PretrainedModel.FromTransformer(Tiny.Fitted);
        using var fitted = Labeled.Pipeline(_ml, start, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        var expected = Scores(fitted);

        _ml.Model.PrepareForInference(fitted, new InferenceOptions { Precision = Precision.BFloat16 });

        Assert.NotEqual(expected, Scores(fitted));
        Assert.All(expected.Zip(Scores(fitted)), pair => Assert.Equal(pair.First, pair.Second, 0.05f));
        using var loaded = Tiny.Reload<TransformerChain<ITransformer>>(_ml, fitted, Labeled.Load(_ml).Schema);
        Assert.Equal(Scores(fitted), Scores(loaded));
        using var trained = Labeled.Pipeline(_ml, start, Labeled.Options(1) with { Prediction = new InferenceOptions { Precision = Precision.BFloat16 } }).Fit(Labeled.Load(_ml));
        Assert.Equal(Scores(fitted), Scores(trained));
    }

    [Fact]
    public void Transform_WhateverTheBatchSize_GivesTheSameUpToRounding()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var rows = SmallCorpus.Load(_ml);
        var vectors = new[] { 1, 7, 512 }.Select(size =>
        {
            using var fitted = _ml.Transforms.Text.EmbedText("Features", "Text", model, new EmbeddingOptions { BatchSize = size }).Fit(rows);
            return fitted.Transform(rows).GetColumn<float[]>("Features").SelectMany(v => v).ToArray();
        }).ToList();

        Assert.All(vectors.Skip(1), other => Assert.All(vectors[0].Zip(other), pair => Assert.Equal(pair.First, pair.Second, 1e-4f)));
    }

    [Fact]
    public void PrepareForInference_WhileOthersPredict_ChangesNoCallThatRuns()
    {
        var loaded = Tiny.Reload<TransformerChain<ITransformer>>(_ml, Tiny.Fitted, SmallCorpus.Load(_ml).Schema);
        var narrow = new InferenceOptions { Precision = Precision.BFloat16 };
        var wide = new InferenceOptions();
        var (inFloat32, inBFloat16) = (Scores(wide), Scores(narrow));

        Parallel.For(0, 40, i =>
        {
            if (i % 4 == 0)
                _ml.Model.PrepareForInference(loaded, i % 8 == 0 ? narrow : wide);
            var found = Tiny.Fill(new MLContext(i), loaded, "The [MASK] sits.")[0].Scores;
            Assert.True(found.SequenceEqual(inFloat32) || found.SequenceEqual(inBFloat16), string.Join(' ', found));
        });
        loaded.Dispose();

        float[] Scores(InferenceOptions options)
        {
            _ml.Model.PrepareForInference(loaded, options);
            return Tiny.Fill(_ml, loaded, "The [MASK] sits.")[0].Scores;
        }
    }

    [Fact]
    public void PrepareForInference_OfWhatItCannotBe_IsRefused()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Fit(SmallCorpus.Load(_ml));
        var fitted = _ml.Transforms.Text.FillMask("Prediction", "Text", model).Fit(SmallCorpus.Load(_ml));

        Assert.Contains("without one", Assert.Throws<ArgumentException>(() => _ml.Model.PrepareForInference(tokens, new InferenceOptions())).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionsException>(() => _ml.Model.PrepareForInference(fitted, new InferenceOptions { Device = "here" }));
        Assert.Throws<InvalidOptionsException>(() => _ml.Model.PrepareForInference(fitted, new InferenceOptions { Device = "cuda:99" }));
        fitted.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _ml.Model.PrepareForInference(fitted, new InferenceOptions()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CopyTo_OfANetwork_ComputesTheSameAndIsFreed(bool isFineTuned)
    {
        using var start = PretrainedModel.FromTransformer(Tiny.Fitted);
        using var fitted = Labeled.Pipeline(_ml, start, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        using var model = isFineTuned ? PretrainedModel.FromTransformer(fitted) : PretrainedModel.FromTransformer(Tiny.Fitted);
        using var scope = NewDisposeScope();
        using var copy = model.Shared.CopyTo(CPU);
        var ids = tensor(new long[] { 2, 7, 8, 9, 3 }).unsqueeze(0);

        Assert.NotSame(copy, model.Network);
        Assert.Equal(Run(model.Network, ids), Run(copy, ids));
        Assert.False(copy.training);

        static float[] Run(LanguageModelModule network, Tensor ids) =>
            (network is SequenceClassifier classifier ? classifier.forward(ids) : ((MaskedLanguageModel)network).forward(ids)).data<float>().ToArray();
    }

    private float[] Scores(ITransformer fitted) =>
        [.. fitted.Transform(Labeled.Load(_ml)).GetColumn<float[]>("Score").SelectMany(s => s)];
}
