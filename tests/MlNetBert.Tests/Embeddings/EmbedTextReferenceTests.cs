using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Embeddings;
using MlNetBert.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Embeddings;

public class EmbedTextReferenceTests
{
    [Fact]
    public void EmbedText_MiniLm_GivesTheReferencesVectors()
    {
        var directory = SharedFiles.Find("models", "all-MiniLM-L6-v2");
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "reference.json")));
        string[] texts = [.. document.RootElement.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!)];
        var expected = document.RootElement.GetProperty("embeddings").EnumerateArray().Select(v => v.EnumerateArray().Select(x => x.GetSingle()).ToArray()).ToList();
        using var model = PretrainedModel.FromDirectory(directory);
        var ml = new MLContext(seed: 1);
        using var embedding = ml.Transforms.Text.EmbedText("Features", "Text", model, new EmbeddingOptions { MaxLength = 128 }).Fit(Tiny.Rows(ml, texts));

        var vectors = embedding.Transform(Tiny.Rows(ml, texts)).GetColumn<float[]>("Features").ToList();

        Assert.Equal(
            (Pooling.Mean, true, 128, ""),
            (embedding.Settings.Pooling.Single(), embedding.Settings.Normalize, embedding.Settings.MaxLength, embedding.Settings.Prompt));
        for (var i = 0; i < texts.Length; i++)
            Assert.All(expected[i].Zip(vectors[i]), pair => Assert.Equal(pair.First, pair.Second, 2e-5f));
    }

    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.Cls)]
    [InlineData(Pooling.Max)]
    [InlineData(Pooling.MeanSqrtLength)]
    [InlineData(Pooling.WeightedMean)]
    [InlineData(Pooling.LastToken)]
    public void Embed_PoolingWithPadding_EqualsAPlainLoopOverTheHiddenStates(Pooling pooling)
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        string[] texts = ["the cat sits near the mat.", "", "dog", "the horse runs"];

        var vectors = new TextEmbedder(model, new EmbeddingOptions { Pooling = pooling }).Embed(texts);

        foreach (var (text, vector) in texts.Zip(vectors))
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            var ids = model.Tokenizer.Template.Build(model.Tokenizer.EncodeToIds(text)).Ids;
            var states = model.Network.Backbone.forward(new(tensor(ids).to(ScalarType.Int64).unsqueeze(0))).LastHiddenState[0].data<float>().ToArray();
            for (var i = 0; i < vector.Length; i++)
            {
                var values = Enumerable.Range(0, ids.Length).Select(token => states[(token * vector.Length) + i]).ToList();
                var expected = pooling switch
                {
                    Pooling.Mean => values.Average(),
                    Pooling.Max => values.Max(),
                    Pooling.MeanSqrtLength => values.Sum() / MathF.Sqrt(values.Count),
                    Pooling.WeightedMean =>
                        values.Select((value, place) => value * (place + 1)).Sum() / (values.Count * (values.Count + 1) / 2),
                    Pooling.LastToken => values[^1],
                    _ => values[0],
                };
                Assert.Equal(expected, vector[i], 2e-5f);
            }
        }
    }

    [Fact]
    public void PermutationFeatureImportance_OverEmbedText_RanksItsSlots()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var ml = new MLContext(seed: 8);
        var rows = ml.Data.LoadFromEnumerable(SmallCorpus.Sentences.Select(s => new LabeledRow { Text = s, Animal = s.Split(' ')[1] }));
        var pipeline = ml.Transforms.Text.EmbedText("Features", "Text", model)
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "Animal"))
            .Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(new Microsoft.ML.Trainers.SdcaMaximumEntropyMulticlassTrainer.Options { NumberOfThreads = 1, MaximumNumberOfIterations = 20 }));
        var fitted = pipeline.Fit(rows);

        var importance = ml.MulticlassClassification.PermutationFeatureImportance((ITransformer)fitted, fitted.Transform(rows));

        Assert.Equal(Enumerable.Range(0, 32).Select(i => $"Features.{i}").Order(), importance.Keys.Order());
        Assert.Contains(importance.Values, v => v.LogLoss.Mean > 1e-3);
    }

    private sealed class LabeledRow
    {
        public string Text { get; set; } = "";

        public string Animal { get; set; } = "";
    }
}
