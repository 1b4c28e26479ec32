using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Similarity;

public sealed class SentenceSimilarityTests : IDisposable
{
    private static readonly SentenceSimilarityOptions Options = new()
    {
        Epochs = 30,
        BatchSize = 8,
        LearningRate = 3e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
    };

    private readonly MLContext _ml = new(seed: 1);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _model.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void SentenceSimilarity_KeepsTheContract()
    {
        var unrelated = _ml.Data.LoadFromEnumerable([new { Other = "text" }]);
        EstimatorContract.Check(
            _ml, _ml.Regression.Trainers.SentenceSimilarity(_model, options: Options with { Epochs = 1 }), Pairs(_ml), unrelated);
    }

    [Fact]
    public void Evaluate_OfPairsThatAreAlikeOrNot_BeatsTheMean()
    {
        var split = _ml.Data.TrainTestSplit(Pairs(_ml), 0.2, seed: 2);
        using var fitted = _ml.Regression.Trainers.SentenceSimilarity(_model, options: Options).Fit(split.TrainSet);

        var metrics = _ml.Regression.Evaluate(fitted.Transform(split.TestSet));

        Assert.True(metrics.RSquared > 0.3, $"{metrics.RSquared}");
    }

    [Fact]
    public void Fit_WithAShareHeldOut_GivesFiguresOfNumbersAndNoAccuracy()
    {
        using var fitted = _ml.Regression.Trainers.SentenceSimilarity(_model, options: Options with { Epochs = 2, EvaluationFraction = 0.25, RestoreBestWeights = true, Patience = 2 }).Fit(Pairs(_ml));

        Assert.Null(fitted.Evaluation!.Accuracy);
        Assert.Null(fitted.Evaluation.Perplexity);
        Assert.Equal(fitted.History.Where(r => r.EvaluationLoss is not null && r.Step > 0).Min(r => r.EvaluationLoss), fitted.Evaluation.Loss);
        Assert.True(fitted.Evaluation.Metrics![MetricNames.MeanAbsoluteError] > 0);
        Assert.Equal(Math.Round(Rows.Count * 0.25), fitted.Evaluation.TargetCount);
        var evaluated = fitted.History.LastEvaluation!;
        Assert.Equal(evaluated.Metrics![MetricNames.MeanAbsoluteError], fitted.History.ToDataFrame()[MetricNames.MeanAbsoluteError].Cast<double?>().Last(figure => figure is not null));
        Assert.Equal(ProblemType.Regression, fitted.Model.Config.ProblemType);
        Assert.Equal("BertForSequenceClassification", fitted.Model.Network.ClassName);
    }

    [Fact]
    public void Load_InAFreshProcess_PredictsTheSame()
    {
        using var fitted = _ml.Regression.Trainers.SentenceSimilarity(_model, options: Options with { Epochs = 1, EvaluationFraction = 0.25 }).Fit(Pairs(_ml));
        _ml.Model.Save(fitted, Pairs(_ml).Schema, _directory.File("model.zip"));

        var child = ChildProcess.Run(Predict, _directory.File("model.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(Describe(_ml, fitted), child.Result);
        using var loaded = (SentenceSimilarityTransformer)_ml.Model.Load(_directory.File("model.zip"), out _);
        Assert.Contains(loaded.History, row => row.Metrics is not null);
        Assert.Equal(fitted.History, loaded.History);
    }

    [Fact]
    public void Fit_WithLabelsThatAreNotFinite_LeavesThemOut()
    {
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        var rows = Rows.Select((r, i) => new Row { Label = i == 3 ? float.NaN : r.Label, Sentence1 = r.Sentence1, Sentence2 = r.Sentence2 });
        using var fitted = _ml.Regression.Trainers.SentenceSimilarity(_model, options: Options with { Epochs = 1 }).Fit(_ml.Data.LoadFromEnumerable(rows));
        Assert.Single(log, m => m.Contains($"1 of {Rows.Count} rows for training have no label", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_WithLabelsAllAlike_IsRefused()
    {
        var rows = _ml.Data.LoadFromEnumerable(Rows.Select(r => new Row { Label = 2, Sentence1 = r.Sentence1, Sentence2 = r.Sentence2 }));
        var exception = Assert.Throws<InvalidDataException>(() => _ml.Regression.Trainers.SentenceSimilarity(_model, options: Options).Fit(rows));
        Assert.Contains("all 2", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Pairs about one animal have 5, others 0.</summary>
    private static List<Row> Rows { get; } =
    [
        .. from i in Enumerable.Range(0, 96)
           let first = Labeled.Rows[i * 11 % Labeled.Rows.Count]
           let second = Labeled.Rows[i * 17 % Labeled.Rows.Count]
           select new Row { Label = second.Area == "cat" ? 5 : 0, Sentence1 = first.Sentence1!, Sentence2 = second.Sentence1! },
    ];

    private static IDataView Pairs(MLContext ml) => ml.Data.LoadFromEnumerable(Rows);

    private static string Predict(string path)
    {
        var ml = new MLContext();
        return Describe(ml, ml.Model.Load(path, out _));
    }

    private static string Describe(MLContext ml, ITransformer model) =>
        string.Join(',', model.Transform(Pairs(ml)).GetColumn<float>("Score").Select(BitConverter.SingleToInt32Bits));

    private sealed class Row
    {
        public float Label { get; set; }

        public string Sentence1 { get; set; } = "";

        public string Sentence2 { get; set; } = "";
    }
}
