using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.QuestionAnswering;

public sealed class QuestionAnswerTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _model.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void QuestionAnswer_KeepsTheContract()
    {
        var unrelated = _ml.Data.LoadFromEnumerable([new { Other = "text" }]);
        var data = Asked.Load(_ml, Asked.Rows.Take(16));
        EstimatorContract.Check(_ml, _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options(1)), data, unrelated);
        EstimatorContract.Check(
            _ml, _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, outputColumnName: "Found", options: Asked.Options(1) with { TopK = 1 }), data, unrelated);
    }

    [Fact]
    public void Fit_OfQuestionsThatCanBeLearnt_AnswersThoseHeldOut()
    {
        var options = Asked.Options() with { EvaluationFraction = 0.2, RestoreBestWeights = true };
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: options).Fit(Asked.Load(_ml, Asked.Rows));

        var figures = fitted.Evaluation!;
        Assert.True(figures.Metrics![MetricNames.ExactMatch] >= 0.9, $"{figures.Metrics[MetricNames.ExactMatch]}");
        Assert.True(figures.Metrics[MetricNames.F1] >= figures.Metrics[MetricNames.ExactMatch]);
        Assert.Null(figures.Accuracy);
        using var engine = _ml.Model.CreatePredictionEngine<Asked.Row, QuestionAnswerPrediction>(fitted);
        var found = engine.Predict(Asked.Rows[7]);
        Assert.Equal(Asked.Rows[7].TrainingAnswer, found.Texts[0]);
        Assert.Equal(0, found.Starts[0]);
        Assert.Equal(3, found.Texts.Length);
        Assert.Equal(found.Scores.OrderDescending(), found.Scores);
        Assert.All(found.Texts.Zip(found.Starts), a => Assert.Equal(a.First, Asked.Rows[7].Context!.Substring(a.Second, a.First.Length)));
    }

    [Fact]
    public void Transform_OfOddRows_GivesAnAnswerOfTheContextOrNone()
    {
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options(1) with { TopK = 2 }).Fit(Asked.Load(_ml, Asked.Rows));
        var longText = string.Join(' ', Enumerable.Repeat("The \U0001F600 café sits near the mat.", 60));
        var found = _ml.Data.CreateEnumerable<QuestionAnswerPrediction>(
            fitted.Transform(Asked.Load(_ml, [new() { Question = "Who?" }, new() { Context = "cat" }, new() { Context = longText, Question = longText }])), reuseRowObject: false).ToList();

        Assert.Equal(["", ""], found[0].Texts);
        Assert.Equal([-1, -1], found[0].Starts);
        Assert.Equal([0f, 0f], found[0].Scores);
        Assert.Equal("cat", found[1].Texts[0]);
        Assert.All(found[2].Texts.Zip(found[2].Starts), a => Assert.Equal(a.First, longText.Substring(a.Second, a.First.Length)));
    }

    [Fact]
    public void Load_InAFreshProcess_AnswersTheSame()
    {
        var data = Asked.Load(_ml, Asked.Rows);
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options(2)).Fit(data);
        _ml.Model.Save(fitted, data.Schema, _directory.File("model.zip"));

        var child = ChildProcess.Run(Predict, _directory.File("model.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(Describe(_ml, fitted), child.Result);
    }

    [Fact]
    public void Save_OfTheModel_GivesAHuggingFaceDirectoryThatGoesOnFromItsHead()
    {
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options()).Fit(Asked.Load(_ml, Asked.Rows));
        using (var model = PretrainedModel.FromTransformer(fitted))
            model.Save(_directory.File("model"));

        using var opened = PretrainedModel.FromDirectory(_directory.File("model"));
        using var again = _ml.MulticlassClassification.Trainers.QuestionAnswer(opened, options: Asked.Options(1) with { LearningRate = 1e-6, EvaluationFraction = 0.2 }).Fit(Asked.Load(_ml, Asked.Rows));

        Assert.Equal(ModelHead.QuestionAnswering, opened.Head);
        Assert.Equal(["BertForQuestionAnswering"], opened.Config.Architectures);
        Assert.True(opened.LoadReport!.IsComplete);
        Assert.True(again.Evaluation!.Metrics![MetricNames.ExactMatch] >= 0.9);
        Assert.Contains("pipeline_tag: question-answering", File.ReadAllText(_directory.File("model/README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithLongContexts_TrainsOnWindowsThatMayHaveNoAnswer()
    {
        var rows = Asked.Rows.Take(8).Select(r => r with { Context = r.Context + " " + r.Context + " " + r.Context });
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options(1) with { EvaluationFraction = 0.25 }).Fit(Asked.Load(_ml, rows));
        Assert.True(fitted.Evaluation!.TargetCount > 2, $"{fitted.Evaluation.TargetCount} windows of 2 questions");
    }

    [Fact]
    public void Fit_AndTransform_LeakNoTensor()
    {
        Leak();
        var before = LiveTensors.CountSettled();
        Leak();
        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);

        void Leak()
        {
            using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options(1) with { EvaluationFraction = 0.2 }).Fit(Asked.Load(_ml, Asked.Rows));
            Describe(_ml, fitted);
        }
    }

    private static string Predict(string path)
    {
        var ml = new MLContext();
        return Describe(ml, ml.Model.Load(path, out _));
    }

    private static string Describe(MLContext ml, ITransformer model) => string.Join(
        '|', ml.Data.CreateEnumerable<QuestionAnswerPrediction>(model.Transform(Asked.Load(ml, Asked.Rows)), reuseRowObject: false)
            .Select(a => string.Join(',', a.Texts) + string.Join(',', a.Starts) + string.Join(',', a.Scores.Select(BitConverter.SingleToInt32Bits))));
}
