using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.FineTuning;

/// <summary>Each trainer with each architecture, from weights that were drawn.</summary>
public sealed class TrainersByArchitectureTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Names => OwnArchitectures.OfOneStack;

    public static TheoryData<string, string> SequenceClassifiers => OwnArchitectures.ClassesWith(ModelHead.SequenceClassifier);

    public static TheoryData<string, string> TokenClassifiers => OwnArchitectures.ClassesWith(ModelHead.TokenClassifier);

    public static TheoryData<string, string> QuestionAnsweringModels => OwnArchitectures.ClassesWith(ModelHead.QuestionAnswering);

    [Theory]
    [MemberData(nameof(SequenceClassifiers))]
    public void TextClassification_Saved_OpensAgainAndPredictsTheSame(string architecture, string className)
    {
        using var start = Drawn(architecture);
        using var fitted = Labeled.Pipeline(_ml, start, Labeled.Options()).Fit(Labeled.Load(_ml));

        using var opened = SavedAndOpened(fitted, ModelHead.SequenceClassifier, className);
        using var again = Labeled.Pipeline(_ml, opened, Unmoved(Labeled.Options())).Fit(Labeled.Load(_ml));

        var accuracy = _ml.MulticlassClassification.Evaluate(fitted.Transform(Labeled.Load(_ml))).MicroAccuracy;
        Assert.True(accuracy > 0.9, $"{accuracy}");
        AssertNear(Scores(fitted), Scores(again));
    }

    [Fact]
    public void TextClassification_OfTheMean_LearnsAndKeepsItInItsConfiguration()
    {
        using var start = Drawn("modernbert");
        using var fitted = Labeled.Pipeline(_ml, start, Labeled.Options() with { Pooling = Pooling.Mean }).Fit(Labeled.Load(_ml));

        using var opened = SavedAndOpened(fitted, ModelHead.SequenceClassifier, "ModernBertForSequenceClassification");

        Assert.Contains("\"classifier_pooling\": \"mean\"", File.ReadAllText(_directory.File("model/config.json")), StringComparison.Ordinal);
        using var again = Labeled.Pipeline(_ml, opened, Unmoved(Labeled.Options())).Fit(Labeled.Load(_ml));
        AssertNear(Scores(fitted), Scores(again));
        using var first = Labeled.Pipeline(_ml, start, Labeled.Options() with { Pooling = Pooling.Cls }).Fit(Labeled.Load(_ml));
        Assert.NotEqual(Scores(first), Scores(fitted));
    }

    [Theory]
    [MemberData(nameof(SequenceClassifiers))]
    public void SentenceSimilarity_Saved_OpensAgain(string architecture, string className)
    {
        using var start = Drawn(architecture);
        var data = _ml.Data.LoadFromEnumerable(Labeled.Rows.Select(r => new { Label = r.Grade, r.Sentence1, r.Sentence2 }));
        using var fitted = _ml.Regression.Trainers.SentenceSimilarity(start, options: new SentenceSimilarityOptions { MaxSteps = 2, Device = "cpu", Threads = 1 }).Fit(data);

        using var opened = SavedAndOpened(fitted, ModelHead.SequenceClassifier, className);

        Assert.Single(opened.Config.Labels);
        Assert.Equal(ProblemType.Regression, opened.Config.ProblemType);
    }

    [Theory]
    [MemberData(nameof(TokenClassifiers))]
    public void NamedEntityRecognition_Saved_OpensAgain(string architecture, string className)
    {
        using var start = Drawn(architecture);
        var data = _ml.Data.LoadFromEnumerable(Labeled.Rows.Select(r => new Tagged { Sentence1 = r.Sentence1!, Label = [.. r.Sentence1!.Split(' ').Select((_, i) => i == 1 ? "B-animal" : "O")] }));
        using var fitted = _ml.MulticlassClassification.Trainers.NamedEntityRecognition(start, options: new NamedEntityRecognitionOptions { MaxSteps = 2, Device = "cpu", Threads = 1 }).Fit(data);

        using var opened = SavedAndOpened(fitted, ModelHead.TokenClassifier, className);

        Assert.Equal(["O", "B-animal"], opened.Config.Labels);
    }

    [Theory]
    [MemberData(nameof(QuestionAnsweringModels))]
    public void QuestionAnswer_Saved_OpensAgain(string architecture, string className)
    {
        using var start = Drawn(architecture);
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(start, options: Asked.Options() with { MaxSteps = 2 }).Fit(Asked.Load(_ml, Asked.Rows));

        SavedAndOpened(fitted, ModelHead.QuestionAnswering, className).Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_WithFrozenLayers_MovesOnlyWhatLiesAbove(string architecture)
    {
        using var start = Drawn(architecture);
        using var fitted = Labeled.Pipeline(_ml, start, Labeled.Options(2) with { FrozenLayerCount = 1, WeightDecay = 0.1 }).Fit(Labeled.Load(_ml));
        using var trained = PretrainedModel.FromTransformer(fitted);

        var (before, after) = (EncoderWeights(start), EncoderWeights(trained));

        var moved = before.Keys.Intersect(after.Keys).Where(name => !before[name].SequenceEqual(after[name])).ToList();
        Assert.NotEmpty(moved);
        Assert.All(moved, name => Assert.True(LevelOf(name) > 1, name));
        Assert.Contains(before.Keys, name => LevelOf(name) == 0);
        Assert.Contains(before.Keys, name => LevelOf(name) == 1);
    }

    [Fact]
    public void Fit_WithLayerDecay_MovesLowerLayersLess()
    {
        using var start = Drawn("bert");
        using var fitted = Labeled.Pipeline(_ml, start, Labeled.Options() with { MaxSteps = 1, LayerwiseLearningRateDecay = 0.1, WeightDecay = 0, LearningRateSchedule = LearningRateSchedule.Constant }).Fit(Labeled.Load(_ml));
        using var trained = PretrainedModel.FromTransformer(fitted);
        var (before, after) = (EncoderWeights(start), EncoderWeights(trained));

        float Moved(int level) => before.Where(weight => LevelOf(weight.Key) == level).Max(weight => weight.Value.Zip(after[weight.Key], (x, y) => Math.Abs(x - y)).Max());

        // The first step of AdamW moves every weight by the rate of its level.
        Assert.Equal(0.1, Moved(1) / Moved(2), 0.01);
        Assert.Equal(0.1, Moved(0) / Moved(1), 0.01);
    }

    /// <summary>0 for embeddings, n for the n-th layer.</summary>
    private static int LevelOf(string name) => Regex.Match(name, @"layers?\.(\d+)\.") is { Success: true } layer ? int.Parse(layer.Groups[1].ValueSpan, CultureInfo.InvariantCulture) + 1
        : Regex.IsMatch(name, "embedding|words") ? 0 : int.MaxValue;

    private static Dictionary<string, float[]> EncoderWeights(PretrainedModel model) => model.Network.Backbone.named_parameters()
        .ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray(), StringComparer.Ordinal);

    private static PretrainedModel Drawn(string architecture)
    {
        var special = Tiny.Tokenizer.SpecialTokens;
        var config = ModelArchitecture.Get(architecture).CreateConfig(
            new ModelSize("small test", LayerCount: 2, HiddenSize: 32, HeadCount: 2), Tiny.Tokenizer.Vocabulary.Count, maxPositions: 24, new ModelTokenIds(special.PaddingTokenId!.Value, special.ClassificationTokenId!.Value, special.SeparatorTokenId!.Value));
        return PretrainedModel.Create(config, Tiny.Tokenizer, seed: 3);
    }

    /// <summary>A run whose steps leave the weights as they are.</summary>
    private static TextClassificationOptions Unmoved(TextClassificationOptions options) => options with { MaxSteps = 1, LearningRate = 1e-12 };

    private PretrainedModel SavedAndOpened(ITransformer fitted, ModelHead head, string className)
    {
        using (var model = PretrainedModel.FromTransformer(fitted))
            model.Save(_directory.File("model"));
        var opened = PretrainedModel.FromDirectory(_directory.File("model"));
        Assert.Equal(head, opened.Head);
        Assert.Equal([className], opened.Config.Architectures);
        Assert.True(opened.LoadReport!.IsComplete);
        return opened;
    }

    private float[] Scores(ITransformer fitted) => [.. fitted.Transform(Labeled.Load(_ml)).GetColumn<float[]>("Score").SelectMany(s => s)];

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    private sealed class Tagged
    {
        public string Sentence1 { get; set; } = "";

        public string[] Label { get; set; } = [];
    }
}
