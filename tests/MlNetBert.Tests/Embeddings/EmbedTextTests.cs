using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Embeddings;

public sealed class EmbedTextTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 8);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void EmbedText_BeforeSdca_TrainsAClassifier()
    {
        var pipeline = _ml.Transforms.Text.EmbedText("Features", "Text", _model)
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Animal"))
            .Append(_ml.MulticlassClassification.Trainers.SdcaMaximumEntropy());

        var metrics = _ml.MulticlassClassification.Evaluate(pipeline.Fit(Labeled).Transform(Labeled));

        Assert.True(metrics.MicroAccuracy > 0.8, $"{metrics.MicroAccuracy}");
    }

    [Fact]
    public void EmbedText_BeforeKMeans_Clusters()
    {
        var pipeline = _ml.Transforms.Text.EmbedText("Features", "Text", _model, new EmbeddingOptions { Normalize = true }).Append(_ml.Clustering.Trainers.KMeans(numberOfClusters: 4));

        var clusters = pipeline.Fit(Labeled).Transform(Labeled).GetColumn<uint>("PredictedLabel").Distinct().Count();

        Assert.InRange(clusters, 2, 4);
    }

    [Fact]
    public void EmbedText_OneByOneOrTogether_GivesTheSameVectors()
    {
        string[] texts = ["the cat", "", "The dog runs near the river.", "the"];
        var embedder = _ml.Transforms.Text.EmbedText("Features", "Text", _model).Fit(Labeled);

        var together = Embed(embedder, texts);

        for (var i = 0; i < texts.Length; i++)
            Assert.All(together[i].Zip(Embed(embedder, texts[i])[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void EmbedText_Poolings_AreWhatTheirNamesSay()
    {
        string[] texts = ["the cat sits near the mat"];
        var mean = Embed(Estimator(new EmbeddingOptions()), texts)[0];
        var unit = Embed(Estimator(new EmbeddingOptions { Normalize = true }), texts)[0];
        var largest = Embed(Estimator(new EmbeddingOptions { Pooling = Pooling.Max }), texts)[0];
        var length = Math.Sqrt(mean.Sum(v => v * v));

        Assert.Equal(1, unit.Sum(v => v * v), 1e-5f);
        Assert.All(mean.Zip(unit), pair => Assert.Equal(pair.First / length, pair.Second, 1e-5));
        Assert.All(mean.Zip(largest), pair => Assert.True(pair.Second >= pair.First));
        Assert.NotEqual(mean, Embed(Estimator(new EmbeddingOptions { Pooling = Pooling.Cls }), texts)[0]);
    }

    [Fact]
    public void EmbedText_BFloat16_IsNearFloat32AndStaysWithTheSavedModel()
    {
        const string Text = "the cat sits near the mat";
        var wide = Embed(Estimator(new EmbeddingOptions()), Text)[0];
        using var narrow = Estimator(new EmbeddingOptions { Precision = Precision.BFloat16 });
        var vector = Embed(narrow, Text)[0];

        using var loaded = Tiny.Reload<TextEmbeddingTransformer>(_ml, narrow, Labeled.Schema);

        Assert.NotEqual(wide, vector);
        Assert.All(wide.Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 0.05f));
        Assert.Equal(Precision.BFloat16, loaded.Inference.Precision);
        Assert.Equal(vector, Embed(loaded, Text)[0]);
    }

    [Fact]
    public void EmbedText_LongText_IsReadToItsMaxLength()
    {
        var short5 = Estimator(new EmbeddingOptions { MaxLength = 5 });

        Assert.Equal(Embed(short5, "the cat sits")[0], Embed(short5, "the cat sits near the mat, and so on and so on")[0]);
        Assert.Equal(32, Embed(Estimator(new EmbeddingOptions()), string.Concat(Enumerable.Repeat("the cat ", 100)))[0].Length);
    }

    [Fact]
    public void EmbedText_ImpossibleOptions_AreNamed()
    {
        Assert.Contains("24 positions", Assert.Throws<InvalidOptionsException>(() => Estimator(new EmbeddingOptions { MaxLength = 25 })).Message, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Throws<InvalidOptionsException>(() => Estimator(new EmbeddingOptions { MaxLength = 2, Pooling = (Pooling)9 })).Errors.Count);
        Assert.Single(Assert.Throws<InvalidOptionsException>(() => Estimator(new EmbeddingOptions { Precision = (Precision)9 })).Errors);
    }

    [Fact]
    public void EmbedText_LoneSurrogate_NamesColumnAndRow()
    {
        var rows = Estimator(new EmbeddingOptions()).Transform(Tiny.Rows(_ml, "fine", "\uD800"));

        var exception = Assert.Throws<InvalidTextException>(() => ViewReader.Read(rows, rows.Schema));

        Assert.Contains("'Text'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("row 1", exception.Message, StringComparison.Ordinal);
    }

    private IDataView Labeled => _ml.Data.LoadFromEnumerable(SmallCorpus.Sentences.Select(s => new LabeledRow { Text = s, Animal = s.Split(' ')[1] }));

    private TextEmbeddingTransformer Estimator(EmbeddingOptions options) => _ml.Transforms.Text.EmbedText("Features", "Text", _model, options).Fit(Labeled);

    private List<float[]> Embed(ITransformer embedder, params string[] texts) => [.. embedder.Transform(Tiny.Rows(_ml, texts)).GetColumn<float[]>("Features")];

    private sealed class LabeledRow
    {
        public string Text { get; set; } = "";

        public string Animal { get; set; } = "";
    }
}
