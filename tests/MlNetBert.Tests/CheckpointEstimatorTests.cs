using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Mapping;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests;

/// <summary>A checkpoint's own head, used without training, gives what the transformer gives that training made.</summary>
public sealed class CheckpointEstimatorTests : IDisposable
{
    private static readonly Row[] Rows = [.. Enumerable.Range(0, 30).Select(Row.Of)];

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryDirectory _directory = new();
    private readonly PretrainedModel _start = PretrainedModel.FromTransformer(Tiny.Fitted);

    private IDataView Data => _ml.Data.LoadFromEnumerable(Rows);

    private IDataView Unrelated => _ml.Data.LoadFromEnumerable([new OtherRow { Other = "text" }]);

    public void Dispose()
    {
        _start.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void FillMask_OfTextsAndOfTokens_GivesWhatThePipelineOfTrainingGives()
    {
        var texts = _ml.Transforms.Text.FillMask("Prediction", "Text", _start);
        EstimatorContract.Check(_ml, texts, Data, Unrelated);
        var expected = Values(Tiny.Fitted.Transform(Data), "Prediction.Token", "Prediction.Score", "Prediction.Sequence");

        using var fitted = texts.Fit(Data);
        using var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", _start).Append(_ml.Transforms.Text.FillMask("Prediction", "Tokens", _start)).Fit(Data);

        Assert.Equal(expected, Values(fitted.Transform(Data), "Prediction.Token", "Prediction.Score", "Prediction.Sequence"));
        Assert.Equal(expected, Values(tokens.Transform(Data), "Prediction.Token", "Prediction.Score", "Prediction.Sequence"));
        Assert.Empty(fitted.History);
        Assert.Null(fitted.Evaluation);
        Assert.Null(fitted.Perplexity);
    }

    [Fact]
    public void FillMask_WithOptions_TakesThemAndKeepsThemInTheZip()
    {
        var options = new FillMaskOptions { TopK = 2, CandidateWords = ["cat", "dog", "roof"], BatchSize = 1, Device = "cpu" };
        using var fitted = _ml.Transforms.Text.FillMask("Prediction", "Text", _start, options).Fit(Data);
        using var loaded = Tiny.Reload<FillMaskTransformer>(_ml, fitted, Data.Schema);

        Assert.Equal(2, Tiny.Fill(_ml, fitted, "The [MASK] sits.")[0].Tokens.Intersect(options.CandidateWords).Count());
        Assert.Equal(Tiny.Fill(_ml, fitted, "The [MASK] sits.")[0].Scores, Tiny.Fill(_ml, loaded, "The [MASK] sits.")[0].Scores);
        Assert.Equal(options.BatchSize, fitted.Inference.BatchSize);
        Assert.Null(loaded.Inference.BatchSize); // of the machine, not of the model
        Assert.Throws<ArgumentException>(() => _ml.Transforms.Text.FillMask("Prediction", "Text", _start, new FillMaskOptions { CandidateWords = ["☃"] }));
    }

    [Theory]
    [InlineData("curve")]
    [InlineData("curve-modern")]
    public void FillMask_OfAReferenceModel_GivesHuggingFacesCandidates(string name)
    {
        using var model = PretrainedModel.FromDirectory(SharedFiles.Find("golden", name, "model"));
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Find("golden", name, "reference.json")));
        foreach (var entry in document.RootElement.GetProperty("fill_mask").EnumerateArray())
        {
            var options = entry.TryGetProperty("targets", out var targets)
                ? new FillMaskOptions { TopK = 3, CandidateWords = [.. targets.EnumerateArray().Select(t => t.GetString()!)] }
                : new FillMaskOptions { TopK = entry.GetProperty("top_k").GetInt32() };
            using var fitted = _ml.Transforms.Text.FillMask("Prediction", "Text", model, options).Fit(Tiny.Rows(_ml, "a"));

            var found = Tiny.Fill(_ml, fitted, entry.GetProperty("text").GetString()!)[0];

            var expected = entry.GetProperty("result").EnumerateArray().SelectMany(mask => mask.EnumerateArray()).ToList();
            Assert.Equal(expected.Select(c => c.GetProperty("token_str").GetString()), found.Tokens);
            Assert.All(expected.Zip(found.Scores), pair => Assert.Equal(pair.First.GetProperty("score").GetDouble(), pair.Second, 1e-4));
        }
    }

    [Fact]
    public void ClassifyText_OfATrainedModel_GivesWhatItsTransformerGives()
    {
        using var trained = Labeled.Pipeline(_ml, _start, Labeled.Options(3)).Fit(Labeled.Load(_ml));
        using var model = SavedAndOpened(trained);
        var estimator = _ml.Transforms.Text.ClassifyText("PredictedLabel", "Sentence1", model);
        EstimatorContract.Check(_ml, estimator, Labeled.Load(_ml), Unrelated);

        using var fitted = estimator.Fit(Labeled.Load(_ml));

        Assert.Equal(Values(trained.Transform(Labeled.Load(_ml)), "PredictedLabel", "Score"), Values(fitted.Transform(Labeled.Load(_ml)), "PredictedLabel", "Score"));
        Assert.Equal(trained.LastTransformer.Labels, fitted.Labels);
        var named = _ml.Transforms.Conversion.MapKeyToValue("Area", "PredictedLabel").Fit(fitted.Transform(Labeled.Load(_ml))).Transform(fitted.Transform(Labeled.Load(_ml)));
        Assert.All(named.GetColumn<string>("Area"), area => Assert.Contains(area, model.Config.Labels));
    }

    [Fact]
    public void ClassifyText_OfPairsUnderOtherNames_ReadsBothAndEvaluates()
    {
        var keyed = Labeled.Keyed(_ml);
        using var trained = _ml.MulticlassClassification.Trainers.TextClassification(_start, sentence2ColumnName: "Sentence2", options: Labeled.Options(2)).Fit(keyed);
        using var model = PretrainedModel.FromTransformer(trained);
        var options = new ClassifyTextOptions { Sentence2ColumnName = "Sentence2", ScoreColumnName = "Shares", MaxLength = 12, TruncationSide = SequenceSide.Left };
        using var cut = _ml.Transforms.Text.ClassifyText("Guess", "Sentence1", model, options).Fit(keyed);
        using var whole = _ml.Transforms.Text.ClassifyText("Guess", "Sentence1", model, options with { MaxLength = null }).Fit(keyed);

        Assert.Equal(Values(trained.Transform(keyed), "Score"), Values(whole.Transform(keyed), "Shares"));
        Assert.NotEqual(Values(trained.Transform(keyed), "Score"), Values(cut.Transform(keyed), "Shares"));
        Assert.Equal(12, cut.MaxLength);
        Assert.InRange(_ml.MulticlassClassification.Evaluate(whole.Transform(keyed), scoreColumnName: "Shares", predictedLabelColumnName: "Guess").MicroAccuracy, 0, 1);
    }

    [Fact]
    public void ClassifyText_OfAModelThatGivesSeveralLabels_GivesEachItsOwnProbability()
    {
        using var trained = Labeled.Pipeline(_ml, _start, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        var path = Saved(trained);
        var config = Path.Combine(path, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("single_label_classification", "multi_label_classification", StringComparison.Ordinal));
        using var one = PretrainedModel.FromTransformer(trained);
        using var several = PretrainedModel.FromDirectory(path);

        var classes = Scores(one);
        var labels = Scores(several);

        // Of logits z: softmax is exp(z) / Σ exp(z), and the odds of a sigmoid are exp(z).
        foreach (var (shares, own) in classes.Zip(labels))
        {
            var odds = own.Select(p => p / (1 - p)).ToArray();
            Assert.All(shares.Zip(odds), pair => Assert.Equal(pair.First, pair.Second / odds.Sum(), 1e-4f));
        }

        float[][] Scores(PretrainedModel model)
        {
            using var fitted = _ml.Transforms.Text.ClassifyText("PredictedLabel", "Sentence1", model).Fit(Labeled.Load(_ml));
            return [.. fitted.Transform(Labeled.Load(_ml)).GetColumn<float[]>("Score")];
        }
    }

    [Fact]
    public void RecognizeEntities_OfATrainedModel_GivesWhatItsTransformerGives()
    {
        using var trained = _ml.MulticlassClassification.Trainers.NamedEntityRecognition(
            _start, labelColumnName: "Tags", textColumnName: "Words", options: new NamedEntityRecognitionOptions { MaxSteps = 20, LearningRate = 3e-3, Threads = 1, Device = "cpu" }).Fit(Data);
        using var model = SavedAndOpened(trained);
        var estimator = _ml.Transforms.Text.RecognizeEntities("Entities", "Words", model);
        EstimatorContract.Check(_ml, estimator, Data, Unrelated);
        string[] outputs = ["PredictedLabel", "Entities.Label", "Entities.Text", "Entities.Start", "Entities.End", "Entities.Score"];

        using var fitted = estimator.Fit(Data);
        using var texts = _ml.Transforms.Text.RecognizeEntities("Found", "Text", model, new RecognizeEntitiesOptions { TagsColumnName = "Guess" }).Fit(Data);

        Assert.Equal(Values(trained.Transform(Data), outputs), Values(fitted.Transform(Data), outputs));
        Assert.Equal(Rows.Length, texts.Transform(Data).GetColumn<string[]>("Found.Text").Count());
        Assert.NotNull(texts.Transform(Data).Schema.GetColumnOrNull("Guess"));
    }

    [Fact]
    public void AnswerQuestions_OfATrainedModel_GivesWhatItsTransformerGives()
    {
        using var trained = _ml.MulticlassClassification.Trainers.QuestionAnswer(_start, options: Asked.Options(3) with { TopK = 2, MaxAnswerLength = 4, Stride = 3 }).Fit(Asked.Load(_ml, Asked.Rows));
        using var model = SavedAndOpened(trained);
        var rows = Asked.Load(_ml, Asked.Rows);
        var estimator = _ml.Transforms.Text.AnswerQuestions("Answer", "Question", "Context", model, new AnswerQuestionsOptions { TopK = 2, MaxAnswerLength = 4, Stride = 3 });
        EstimatorContract.Check(_ml, estimator, rows, Unrelated);

        using var fitted = estimator.Fit(rows);

        Assert.Equal(Values(trained.Transform(rows), "Answer.Text", "Answer.Start", "Answer.Score"), Values(fitted.Transform(rows), "Answer.Text", "Answer.Start", "Answer.Score"));
        using var engine = _ml.Model.CreatePredictionEngine<Asked.Row, QuestionAnswerPrediction>(fitted);
        Assert.Equal(2, engine.Predict(Asked.Rows[0]).Texts.Length);
    }

    [Fact]
    public void ScoreSentencePairs_OfATrainedModel_GivesWhatItsTransformerGives()
    {
        using var trained = _ml.Regression.Trainers.SentenceSimilarity(
            _start, labelColumnName: "Grade", sentence1ColumnName: "Text", sentence2ColumnName: "Question", options: new SentenceSimilarityOptions { MaxSteps = 4, Threads = 1, Device = "cpu" }).Fit(Data);
        using var model = SavedAndOpened(trained);
        var estimator = _ml.Transforms.Text.ScoreSentencePairs("Score", "Text", "Question", model);
        EstimatorContract.Check(_ml, estimator, Data, Unrelated);

        using var fitted = estimator.Fit(Data);

        Assert.Equal(Values(trained.Transform(Data), "Score"), Values(fitted.Transform(Data), "Score"));
        Assert.True(_ml.Regression.Evaluate(fitted.Transform(Data), "Grade").MeanAbsoluteError > 0);
    }

    [Fact]
    public void Load_InAFreshProcess_OfAChain_GivesTheSame()
    {
        using var trained = Labeled.Pipeline(_ml, _start, Labeled.Options(2)).Fit(Labeled.Load(_ml));
        using var classifier = PretrainedModel.FromTransformer(trained);
        var rows = Labeled.Load(_ml);
        using var chain = _ml.Transforms.Text.FillMask("Filled", "Sentence1", _start).Append(_ml.Transforms.Text.ClassifyText("PredictedLabel", "Sentence1", classifier)).Fit(rows);
        var path = _directory.File("chain.zip");
        _ml.Model.Save(chain, rows.Schema, path);

        var child = ChildProcess.Run(DescribeInChild, path);

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(Describe(_ml, chain), child.Result);
    }

    [Fact]
    public void Fit_OfAModelThatIsDisposedOfAfterwards_KeepsTheWeights()
    {
        var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        using var fitted = _ml.Transforms.Text.FillMask("Prediction", "Text", model).Fit(Data);
        model.Dispose();

        Assert.Equal(5, Tiny.Fill(_ml, fitted, "the [MASK]")[0].Tokens.Length);
        Assert.Throws<ObjectDisposedException>(() => _ml.Transforms.Text.FillMask("Prediction", "Text", model));
    }

    [Fact]
    public void FitOfAnyHead_OfAModelWithoutIt_NamesTheHeadItHasAndTheRemedy()
    {
        using var classifierOf = Labeled.Pipeline(_ml, _start, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        using var classifier = PretrainedModel.FromTransformer(classifierOf);
        using var regressionOf = _ml.Regression.Trainers.SentenceSimilarity(
            _start, labelColumnName: "Grade", sentence1ColumnName: "Text", sentence2ColumnName: "Question", options: new SentenceSimilarityOptions { MaxSteps = 1, Device = "cpu" }).Fit(Data);
        using var regression = PretrainedModel.FromTransformer(regressionOf);
        using var drawn = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer);
        var text = _ml.Transforms.Text;

        Refused(() => text.FillMask("P", "Text", classifier), "BertForSequenceClassification", "take a checkpoint");
        Refused(() => text.FillMask("P", "Text", drawn), "holds a BertModel", "take a checkpoint");
        Refused(() => text.ClassifyText("P", "Text", _start), "BertForMaskedLM", "TextClassification");
        Refused(() => text.ClassifyText("P", "Text", regression), "one number", "ScoreSentencePairs");
        Refused(() => text.RecognizeEntities("P", "Text", classifier), "BertForSequenceClassification", "NamedEntityRecognition");
        Refused(() => text.AnswerQuestions("P", "Question", "Text", _start), "BertForMaskedLM", "QuestionAnswer");
        Refused(() => text.ScoreSentencePairs("P", "Text", "Question", _start), "BertForMaskedLM", "SentenceSimilarity");
        Refused(() => text.ScoreSentencePairs("P", "Text", "Question", classifier), "3 labels", "ClassifyText");
        Refused(() => text.ClassifyText("P", "Text", drawn), "holds a BertModel", "TextClassification");

        static void Refused(Func<object> use, string found, string remedy)
        {
            var message = Assert.Throws<InvalidOperationException>(use).Message;
            Assert.Contains(found, message, StringComparison.Ordinal);
            Assert.Contains(remedy, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void RecognizeEntities_OfLabelsThatAreNoTags_NamesOne()
    {
        using var trained = _ml.MulticlassClassification.Trainers.NamedEntityRecognition(
            _start, labelColumnName: "Tags", textColumnName: "Words", options: new NamedEntityRecognitionOptions { MaxSteps = 1, Device = "cpu" }).Fit(Data);
        var path = Saved(trained);
        var config = Path.Combine(path, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("B-animal", "noun", StringComparison.Ordinal));
        using var model = PretrainedModel.FromDirectory(path);

        var exception = Assert.Throws<InvalidOperationException>(() => _ml.Transforms.Text.RecognizeEntities("Entities", "Text", model));

        Assert.Contains("'noun'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_ThatCannotBe_AreListedAllOfThem()
    {
        using var trained = Labeled.Pipeline(_ml, _start, Labeled.Options(1)).Fit(Labeled.Load(_ml));
        using var model = PretrainedModel.FromTransformer(trained);
        var options = new ClassifyTextOptions { Device = "gpu", Precision = (Precision)9, BatchSize = 513, MaxLength = 2, ScoreColumnName = "", Sentence2ColumnName = "", TruncationSide = (SequenceSide)9 };

        var exception = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.ClassifyText("P", "Text", model, options));

        string[] names = ["Device", "Precision", "BatchSize", "MaxLength", "ScoreColumnName", "Sentence2ColumnName", "TruncationSide"];
        Assert.Equal(names.Order(), exception.Errors.Select(f => f.Split(' ')[0]).Order());
    }

    private static string DescribeInChild(string path)
    {
        var ml = new MLContext();
        using var loaded = (IDisposable)ml.Model.Load(path, out _);
        return Describe(ml, (ITransformer)loaded);
    }

    private static string Describe(MLContext ml, ITransformer fitted) =>
        string.Join(";", Values(fitted.Transform(Labeled.Load(ml)), "Filled.Sequence", "PredictedLabel", "Score"));

    private static List<string> Values(IDataView view, params string[] names) =>
        [.. names.SelectMany(name => ViewReader.Read(view, [view.Schema[name]]).Single(column => column.Key.Length > 0).Value)];

    private string Saved(ITransformer trained)
    {
        using var model = PretrainedModel.FromTransformer(trained);
        var path = _directory.File("model");
        model.Save(path);
        return path;
    }

    private PretrainedModel SavedAndOpened(ITransformer trained) => PretrainedModel.FromDirectory(Saved(trained));

    private sealed class OtherRow
    {
        public string Other { get; set; } = "";
    }
}
