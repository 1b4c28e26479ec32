using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.QuestionAnswering;

public sealed class QuestionAnswerTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly PretrainedModel _model = PretrainedModel.From(Tiny.Fitted);
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
            _ml, _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, predictedAnswerColumnName: "Found", scoreColumnName: "Shares", topK: 1, options: Asked.Options(1)), data, unrelated);
    }

    [Fact]
    public void Fit_OfQuestionsThatCanBeLearnt_AnswersThoseHeldOut()
    {
        var options = Asked.Options() with { EvaluationFraction = 0.2, RestoreBestWeights = true };
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: options).Fit(Asked.Load(_ml, Asked.Rows));

        var figures = fitted.Evaluation!;
        Assert.True(figures.Metrics!["exact match"] >= 0.9, $"{figures.Metrics["exact match"]}");
        Assert.True(figures.Metrics["F1"] >= figures.Metrics["exact match"]);
        Assert.Null(figures.Accuracy);
        using var engine = _ml.Model.CreatePredictionEngine<Asked.Row, AnsweredQuestion>(fitted);
        var found = engine.Predict(Asked.Rows[7]);
        Assert.Equal(Asked.Rows[7].TrainingAnswer, found.Answer[0]);
        Assert.Equal(0, found.Start[0]);
        Assert.Equal(3, found.Answer.Length);
        Assert.Equal(found.Score.OrderDescending(), found.Score);
        Assert.All(found.Answer.Zip(found.Start), a => Assert.Equal(a.First, Asked.Rows[7].Context!.Substring(a.Second, a.First.Length)));
    }

    [Fact]
    public void Transform_OfOddRows_GivesAnAnswerOfTheContextOrNone()
    {
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, topK: 2, options: Asked.Options(1)).Fit(Asked.Load(_ml, Asked.Rows));
        var longText = string.Join(' ', Enumerable.Repeat("The \U0001F600 café sits near the mat.", 60));
        var found = _ml.Data.CreateEnumerable<AnsweredQuestion>(
            fitted.Transform(Asked.Load(_ml, [new() { Question = "Who?" }, new() { Context = "cat" }, new() { Context = longText, Question = longText }])), reuseRowObject: false).ToList();

        Assert.Equal(["", ""], found[0].Answer);
        Assert.Equal([-1, -1], found[0].Start);
        Assert.Equal([0f, 0f], found[0].Score);
        Assert.Equal("cat", found[1].Answer[0]);
        Assert.All(found[2].Answer.Zip(found[2].Start), a => Assert.Equal(a.First, longText.Substring(a.Second, a.First.Length)));
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
        using (var model = PretrainedModel.From(fitted))
            model.Save(_directory.File("model"));

        using var opened = PretrainedModel.FromDirectory(_directory.File("model"));
        using var again = _ml.MulticlassClassification.Trainers.QuestionAnswer(opened, options: Asked.Options(1) with { LearningRate = 1e-6, EvaluationFraction = 0.2 }).Fit(Asked.Load(_ml, Asked.Rows));

        Assert.Equal(ModelHead.QuestionAnswering, opened.Head);
        Assert.Equal(["BertForQuestionAnswering"], opened.Configuration.Architectures);
        Assert.True(opened.Report!.IsExact);
        Assert.True(again.Evaluation!.Metrics!["exact match"] >= 0.9);
        Assert.Contains("pipeline_tag: question-answering", File.ReadAllText(_directory.File("model/README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithLongContexts_TrainsOnWindowsThatMayHaveNoAnswer()
    {
        var rows = Asked.Rows.Take(8).Select(r => r with { Context = r.Context + " " + r.Context + " " + r.Context });
        using var fitted = _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options(1) with { EvaluationFraction = 0.25 }).Fit(Asked.Load(_ml, rows));
        Assert.True(fitted.Evaluation!.Targets > 2, $"{fitted.Evaluation.Targets} windows of 2 questions");
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
        '|', ml.Data.CreateEnumerable<AnsweredQuestion>(model.Transform(Asked.Load(ml, Asked.Rows)), reuseRowObject: false)
            .Select(a => string.Join(',', a.Answer) + string.Join(',', a.Start) + string.Join(',', a.Score.Select(BitConverter.SingleToInt32Bits))));
}
