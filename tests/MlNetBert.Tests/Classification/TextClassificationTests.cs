using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Classification;

public sealed class TextClassificationTests : IDisposable
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
    public void TextClassification_KeepsTheContract()
    {
        var data = Labeled.Keyed(_ml);
        var unrelated = _ml.Data.LoadFromEnumerable([new { Other = "text" }]);
        EstimatorContract.Check(_ml, _ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1)), data, unrelated);
        EstimatorContract.Check(
            _ml,
            _ml.MulticlassClassification.Trainers.TextClassification(_model, sentence2ColumnName: "Sentence2", outputColumnName: "Guess", scoreColumnName: "Shares", options: Labeled.Options(1)),
            data,
            unrelated);
        EstimatorContract.Check(_ml, Labeled.Pipeline(_ml, _model, Labeled.Options(1)), Labeled.Load(_ml), unrelated);
    }

    [Theory]
    [InlineData("Number")]
    [InlineData("Grade")]
    public void TextClassification_WithLabelsOfAnotherType_KeepsTheContract(string column)
    {
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", column);
        EstimatorContract.Check(_ml, keyed.Append(_ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1))), Labeled.Load(_ml));
    }

    [Fact]
    public void TextClassification_WithKeysWithoutValues_KeepsTheContract()
    {
        var rows = _ml.Data.LoadFromEnumerable(Labeled.Rows.Select(r => new KeyRow { Label = (uint)r.Number + 1, Sentence1 = r.Sentence1! }));
        EstimatorContract.Check(_ml, _ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1)), rows);
    }

    [Fact]
    public void Evaluate_AfterTrainTestSplit_FindsWhatIsThere()
    {
        var split = _ml.Data.TrainTestSplit(Labeled.Load(_ml), 0.25, seed: 1);
        var options = Labeled.Options(epochs: 40) with { LearningRate = 1e-3, WarmupRatio = 0.1, BatchSize = 4, Seed = 2 };
        using var fitted = Labeled.Pipeline(_ml, _model, options).Fit(split.TrainSet);

        var metrics = _ml.MulticlassClassification.Evaluate(fitted.Transform(split.TestSet));

        Assert.True(metrics.MicroAccuracy > 0.9, $"{metrics.MicroAccuracy}");
        Assert.True(metrics.LogLoss < 0.5, $"{metrics.LogLoss}");
        Assert.Equal(3, metrics.ConfusionMatrix.NumberOfClasses);
    }

    [Fact]
    public void CrossValidate_OfAPipeline_GivesAFigureForEachFold()
    {
        var folds = _ml.MulticlassClassification.CrossValidate(Labeled.Load(_ml), Labeled.Pipeline(_ml, _model), numberOfFolds: 2);

        Assert.Equal(2, folds.Count);
        Assert.All(folds, fold => Assert.True(fold.Metrics.MicroAccuracy > 0.6, $"{fold.Metrics.MicroAccuracy}"));
    }

    [Fact]
    public void CrossValidate_WithCheckpoints_GivesEachFoldAFolderAndResumes()
    {
        using var directory = new TemporaryDirectory();
        var options = Labeled.Options() with { MaxSteps = 6, CheckpointDirectory = directory.Path, SaveEveryNSteps = 3, Resume = true };
        List<double> Figures() => [.. _ml.MulticlassClassification.CrossValidate(Labeled.Load(_ml), Labeled.Pipeline(_ml, _model, options), numberOfFolds: 2, seed: 1).Select(fold => fold.Metrics.LogLoss)];

        var figures = Figures();
        var folders = Directory.GetDirectories(directory.Path);
        var times = folders.Select(folder => Directory.GetLastWriteTimeUtc(Path.Combine(folder, "step-6"))).ToList();

        Assert.Equal(2, folders.Length);
        Assert.Equal(figures, Figures());
        Assert.Equal(folders, Directory.GetDirectories(directory.Path));
        Assert.Equal(times, folders.Select(folder => Directory.GetLastWriteTimeUtc(Path.Combine(folder, "step-6"))));
    }

    [Fact]
    public void PredictionEngine_WithMapKeyToValue_NamesTheLabel()
    {
        var fitted = Labeled.Pipeline(_ml, _model).Append(_ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel")).Fit(Labeled.Load(_ml));
        using var engine = _ml.Model.CreatePredictionEngine<Labeled.Row, Prediction>(fitted);

        var predicted = engine.Predict(new Labeled.Row { Sentence1 = "The dog sits near the mat." });

        Assert.Equal("dog", predicted.Answer);
        Assert.Equal(1, predicted.Score.Sum(), 1e-5);
        Assert.Equal(predicted.Score.Max(), predicted.Score[predicted.PredictedLabel - 1]);
    }

    [Fact]
    public void Load_InAFreshProcess_PredictsTheSame()
    {
        var data = Labeled.Load(_ml);
        using var fitted = Labeled.Pipeline(_ml, _model, Labeled.Options(2)).Fit(data);
        var path = _directory.File("model.zip");
        _ml.Model.Save(fitted, data.Schema, path);

        var child = ChildProcess.Run(Predict, path);

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(Describe(_ml, fitted), child.Result);
    }

    [Fact]
    public void Save_OfTheModel_GivesAHuggingFaceDirectoryThatOpensAgain()
    {
        using var fitted = Labeled.Pipeline(_ml, _model, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        using var model = PretrainedModel.FromTransformer(fitted);
        var path = System.IO.Path.Combine(_directory.Path, "model");
        model.Save(path);

        using var opened = PretrainedModel.FromDirectory(path);

        Assert.Equal(ModelHead.SequenceClassifier, opened.Head);
        Assert.Equal(ModelHead.SequenceClassifier, opened.Head);
        Assert.Equal(["BertForSequenceClassification"], opened.Config.Architectures);
        Assert.Equal(ProblemType.SingleLabelClassification, opened.Config.ProblemType);
        Assert.Equal(["cat", "dog", "fox"], opened.Config.Labels.Order());
        Assert.True(opened.LoadReport!.IsComplete);
        var config = File.ReadAllText(System.IO.Path.Combine(path, "config.json"));
        Assert.Contains("\"id2label\"", config, StringComparison.Ordinal);
        Assert.Contains("\"label2id\"", config, StringComparison.Ordinal);
        Assert.Contains("pipeline_tag: text-classification", File.ReadAllText(System.IO.Path.Combine(path, "README.md")), StringComparison.Ordinal);
        var embedded = _ml.Transforms.Text.EmbedText("Features", "Sentence1", opened).Fit(Labeled.Load(_ml)).Transform(Labeled.Load(_ml));
        Assert.Equal(Labeled.Rows.Count, embedded.GetColumn<float[]>("Features").Count());
    }

    [Fact]
    public void Fit_FromAClassifierOfTheSameLabels_GoesOnFromItsHead()
    {
        using var first = Labeled.Pipeline(_ml, _model).Fit(Labeled.Load(_ml));
        using var model = PretrainedModel.FromTransformer(first);
        var log = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => log.Add(e.Message);

        using var again = Labeled.Pipeline(ml, model, Labeled.Options(1) with { EvaluationFraction = 0.3 }).Fit(Labeled.Load(ml));
        var before = again.LastTransformer.History.First(r => r.EvaluationAccuracy is not null);
        using var other = ml.Transforms.Conversion.MapValueToKey("Label", "Number")
            .Append(ml.MulticlassClassification.Trainers.TextClassification(model, options: Labeled.Options(1))).Fit(Labeled.Load(ml));

        Assert.Equal(0, before.Step);
        Assert.True(before.EvaluationAccuracy > 0.9, $"{before.EvaluationAccuracy}");
        Assert.Single(log, m => m.Contains("drawn anew", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_Twice_GivesTheSameWeightsAndLeavesTheGlobalSeedAndTheOptions()
    {
        var options = Labeled.Options(1);
        var copy = options with { };
        TorchSharp.torch.random.manual_seed(7);
        var expected = Draw();
        TorchSharp.torch.random.manual_seed(7);

        var first = Labeled.Pipeline(_ml, _model, options).Fit(Labeled.Load(_ml));
        var drawn = Draw();
        var second = Labeled.Pipeline(new MLContext(seed: 1), _model, options).Fit(Labeled.Load(_ml));

        Assert.Equal(expected, drawn);
        Assert.Equal(Tiny.Weights(first), Tiny.Weights(second));
        Assert.Equal(copy, options);
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void Fit_OfPairs_LearnsWhatOnlyTheSecondTextSays()
    {
        var rows = _ml.Data.LoadFromEnumerable(Labeled.Rows.Select(r => new Labeled.Row { Area = r.Area, Sentence1 = "The sun is near.", Sentence2 = r.Sentence1 }));
        using var fitted = _ml.Transforms.Conversion.MapValueToKey("Label", "Area")
            .Append(_ml.MulticlassClassification.Trainers.TextClassification(_model, sentence2ColumnName: "Sentence2", options: Labeled.Options())).Fit(rows);

        var accuracy = _ml.MulticlassClassification.Evaluate(fitted.Transform(rows)).MicroAccuracy;

        Assert.True(accuracy > 0.9, $"{accuracy}");
    }

    [Fact]
    public void Save_OfAClassifierAndItsEmbeddings_StoresTheModelOnce()
    {
        using var fitted = Labeled.Pipeline(_ml, _model, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        using var embedding = _ml.Transforms.Text.EmbedText("Features", "Sentence1", PretrainedModel.FromTransformer(fitted)).Fit(Labeled.Load(_ml));
        var path = _directory.File("both.zip");

        _ml.Model.Save(fitted.Append(embedding), Labeled.Load(_ml).Schema, path);

        using (var zip = ZipFile.OpenRead(path))
            Assert.Single(zip.Entries, e => e.Name == "model.safetensors");
        var loaded = _ml.Model.Load(path, out _).Transform(Labeled.Load(_ml));
        Assert.Equal(fitted.Transform(Labeled.Load(_ml)).GetColumn<float[]>("Score"), loaded.GetColumn<float[]>("Score"));
        Assert.Equal(embedding.Transform(Labeled.Load(_ml)).GetColumn<float[]>("Features"), loaded.GetColumn<float[]>("Features"));
    }

    [Fact]
    public void Transform_FromManyThreads_GivesTheSame()
    {
        using var fitted = Labeled.Pipeline(_ml, _model, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        var expected = Describe(_ml, fitted);

        Parallel.For(0, 8, _ => Assert.Equal(expected, Describe(new MLContext(), fitted)));
    }

    [Fact]
    public void Fit_AndTransform_LeakNoTensor()
    {
        Labeled.Pipeline(_ml, _model, Labeled.Options(1)).Fit(Labeled.Load(_ml)).Dispose();
        var before = LiveTensors.CountSettled();
        var fitted = Labeled.Pipeline(_ml, _model, Labeled.Options(1) with { BalanceClasses = true, EvaluationFraction = 0.2 }).Fit(Labeled.Load(_ml));
        Describe(_ml, fitted);
        fitted.Dispose();
        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);
    }

    private static float Draw()
    {
        using var one = TorchSharp.torch.rand(1);
        return one.item<float>();
    }

    private static string Predict(string path)
    {
        var ml = new MLContext();
        return Describe(ml, ml.Model.Load(path, out _));
    }

    private static string Describe(MLContext ml, ITransformer model)
    {
        var view = model.Transform(Labeled.Load(ml));
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema["PredictedLabel"].GetKeyValues(ref names);
        return string.Join(',', names.DenseValues()) + ' ' + string.Join(',', view.GetColumn<uint>("PredictedLabel")) + ' '
            + string.Join(',', view.GetColumn<float[]>("Score").SelectMany(s => s).Select(BitConverter.SingleToInt32Bits));
    }

    private sealed class Prediction
    {
        public string Answer { get; set; } = "";

        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    private sealed class KeyRow
    {
        [KeyType(3)]
        public uint Label { get; set; }

        public string Sentence1 { get; set; } = "";
    }
}
