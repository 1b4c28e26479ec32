using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining.Rtd;

public sealed class RtdPretrainingEstimatorTests
{
    private const string Own = "The cat sits near the mat.";
    private const string Changed = "The cat sits near field mat.";

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Fit_SmallCorpus_LearnsToFindReplacedTokens()
    {
        var transformer = TinyRtd.Fitted.LastTransformer;
        var metrics = transformer.Evaluation!.Metrics!;

        var rows = TinyRtd.Read(_ml, TinyRtd.Fitted, Own, Changed);

        // An animal in another's place cannot be told; what is learned shows against the entropy of the base rate.
        var rate = metrics["replaced"];
        var entropy = -(rate * Math.Log(rate)) - ((1 - rate) * Math.Log(1 - rate));
        Assert.True(metrics["discriminator_loss"] < entropy - 0.02, $"{transformer.Evaluation}, {entropy}");
        Assert.Equal(metrics["generator_loss"] + (50 * metrics["discriminator_loss"]), transformer.Evaluation.Loss, 1e-9);
        Assert.Null(transformer.Evaluation.Perplexity);
        Assert.Contains(transformer.History, row => row.Metrics?.ContainsKey("discriminator_loss") == true);
        Assert.Equal(ModelHead.ReplacedTokenDetector, transformer.Model.Head);
        Assert.Equal("the cat sits near field mat .", string.Join(' ', rows[1].Tokens));
        Assert.True(rows[1].Scores[4] > rows[0].Scores[4] + 0.05, $"{rows[1].Scores[4]} and {rows[0].Scores[4]}");
        Assert.All(rows, row => Assert.Equal(row.Scores.Select(score => score > 0.5), row.Replaced));
    }

    [Fact]
    public void Save_AndLoadInAFreshProcess_GivesTheSameScoresAndHasTheGenerator()
    {
        using var directory = new TemporaryDirectory();
        _ml.Model.Save(TinyRtd.Fitted, Tiny.Rows(_ml, Own).Schema, directory.File("m.zip"));

        var child = ChildProcess.Run(ScoreInChild, directory.File("m.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(ScoreInChild(directory.File("m.zip")), child.Result);
        Assert.Contains("ModernBertForMaskedLM", child.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void CreatePredictionEngine_OfALoadedPipeline_GivesWhatTransformGives()
    {
        var expected = TinyRtd.Read(_ml, TinyRtd.Fitted, Own, Changed);
        var again = Tiny.Reload<ITransformer>(_ml, TinyRtd.Fitted, Tiny.Rows(_ml, Own).Schema);
        using var engine = _ml.Model.CreatePredictionEngine<SmallCorpus.Row, ReplacedTokenPrediction>(again);

        foreach (var (text, row) in new[] { (Own, expected[0]), (Changed, expected[1]) })
        {
            var predicted = engine.Predict(new SmallCorpus.Row { Text = text });
            Assert.Equal(row.Tokens, predicted.Tokens);
            Assert.All(row.Scores.Zip(predicted.Scores), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Fact]
    public void Transform_OnSixteenThreads_GivesWhatOneGives()
    {
        var expected = TinyRtd.Read(_ml, TinyRtd.Fitted, Own, Changed, "", Own);

        var results = new List<ReplacedTokenPrediction>[16];
        Parallel.For(0, 16, i => results[i] = TinyRtd.Read(new MLContext(), TinyRtd.Fitted, Own, Changed, "", Own));

        Assert.Empty(expected[2].Tokens);
        Assert.All(results, rows => Assert.All(rows.Zip(expected), pair =>
        {
            Assert.Equal(pair.Second.Tokens, pair.First.Tokens);
            Assert.All(pair.Second.Scores.Zip(pair.First.Scores), scores => Assert.Equal(scores.First, scores.Second, 1e-5));
        }));
    }

    [Fact]
    public void Transform_OfATextLongerThanThePositions_ReadsItInParts()
    {
        var part = string.Join(' ', Enumerable.Repeat("the cat sits near the mat .", 3)); // 21 tokens, of 22 beside [CLS] and [SEP]
        var rows = TinyRtd.Read(_ml, TinyRtd.Fitted, $"{part} the the cat sits", $"{part} the", "the cat sits");

        Assert.Equal(25, rows[0].Tokens.Length);
        Assert.All(rows[0].Scores[..22].Zip(rows[1].Scores), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(rows[0].Scores[22..].Zip(rows[2].Scores), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void DetectReplacedTokens_WithTheTrainedModel_GivesWhatThePipelineGives()
    {
        using var model = PretrainedModel.FromTransformer(TinyRtd.Fitted);
        using var detector = _ml.Transforms.Text.DetectReplacedTokens("Prediction", "Text", model).Fit(Tiny.Rows(_ml, Own));

        Assert.Equal(TinyRtd.Read(_ml, TinyRtd.Fitted, Changed)[0].Scores, TinyRtd.Read(_ml, detector, Changed)[0].Scores);
        using var other = PretrainedModel.FromTransformer(Tiny.Fitted);
        Assert.Contains("replaced token detector", Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Text.DetectReplacedTokens("P", "T", other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EmbedText_WithTheTrainedModel_GivesItsEncodersVectors()
    {
        using var model = PretrainedModel.FromTransformer(TinyRtd.Fitted);

        var features = _ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(Tiny.Rows(_ml, Own)).Transform(Tiny.Rows(_ml, Own, Changed));

        var vectors = features.GetColumn<float[]>("Features").ToList();
        Assert.All(vectors, vector => Assert.Equal(32, vector.Length));
        Assert.NotEqual(vectors[0], vectors[1]);
    }

    [Fact]
    public void Trainers_FromTheTrainedModel_FineTuneItsEncoder()
    {
        using var model = PretrainedModel.FromTransformer(TinyRtd.Fitted);
        var rows = _ml.Data.LoadFromEnumerable(SmallCorpus.Sentences.Select(text => new TextWithLabel { Text = text, Label = text.Contains("cat", StringComparison.Ordinal) ? "cat" : "other" }));

        using var fitted = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.TextClassification(
            model, sentence1ColumnName: "Text", options: Labeled.Options(epochs: 1))).Fit(rows);

        Assert.Equal(["cat", "other"], ((TextClassificationTransformer)fitted.LastTransformer).Model.Config.Labels.Order());
    }

    [Fact]
    public void PretrainRtd_OfAnArchitectureWithoutADetector_IsRefusedByName()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainRtd("P", "T", new RtdOptions { Architecture = "roberta", MaskProbability = 0, DiscriminatorWeight = double.NaN }));

        Assert.Equal(3, exception.Errors.Count);
        Assert.Contains("replaced-token detection: bert, modernbert, electra", exception.Message, StringComparison.Ordinal);
    }

    private static string ScoreInChild(string path)
    {
        var ml = new MLContext();
        using var model = (TransformerChain<ITransformer>)ml.Model.Load(path, out _);
        var row = TinyRtd.Read(ml, model, Changed)[0];
        var last = (ReplacedTokenTransformer)model.LastTransformer;
        using var generator = last.Model.Shared.CopyGenerator();
        return FormattableString.Invariant($"{string.Join(' ', row.Scores.Select(score => score.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))} {string.Join(' ', row.Tokens)} {last.History.Count} {last.Evaluation} {generator!.ClassName}");
    }

    private sealed class TextWithLabel
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
