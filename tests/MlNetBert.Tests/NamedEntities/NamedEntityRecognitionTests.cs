using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.NamedEntities;

public sealed class NamedEntityRecognitionTests : IDisposable
{
    private static readonly string[] Animals = ["cat", "dog", "fox", "bird", "horse", "mouse"];
    private static readonly string[] Places = ["mat", "roof", "field", "house", "river"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _model.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void NamedEntityRecognition_KeepsTheContract()
    {
        var unrelated = _ml.Data.LoadFromEnumerable([new { Other = "text" }]);
        EstimatorContract.Check(_ml, Trainer(Options(1)), Data(), unrelated);
        EstimatorContract.Check(
            _ml,
            _ml.MulticlassClassification.Trainers.NamedEntityRecognition(_model, textColumnName: "Words", outputColumnName: "Tags", entitiesColumnName: "Names", options: Options(1)),
            Data(),
            unrelated);
        EstimatorContract.Check(_ml, _ml.Transforms.Conversion.MapValueToKey("Label").Append(Trainer(Options(1))), Data(), unrelated);
    }

    [Fact]
    public void Fit_OfTaggedSentences_FindsTheEntitiesWithTheirPlaces()
    {
        using var fitted = Trainer(Options(25) with { EvaluationFraction = 0.2 }).Fit(Data());
        using var engine = _ml.Model.CreatePredictionEngine<Row, NamedEntityPrediction>(fitted);
        const string Text = "  The dog\tsits near the river.";

        var found = engine.Predict(new Row { Sentence1 = Text });

        Assert.Equal(["animal", "place"], found.Labels);
        Assert.Equal(["dog", "the river."], found.Texts);
        Assert.All(found.Texts.Zip(found.Starts.Zip(found.Ends)), p => Assert.Equal(p.First, Text[p.Second.First..p.Second.Second]));
        Assert.All(found.Scores, s => Assert.InRange(s, 0.5f, 1f));
        Assert.Equal(6, found.PredictedLabels.Length);
        Assert.Equal(["O", "B-animal", "B-place", "I-place"], fitted.Tags);
        Assert.True(fitted.Evaluation!.Metrics![MetricNames.F1] > 0.9, string.Join(", ", fitted.Evaluation.Metrics));
        Assert.Empty(engine.Predict(new Row { Sentence1 = "" }).Labels);
    }

    [Fact]
    public void Transform_OfWords_PlacesEntitiesInTheJoinedText()
    {
        using var fitted = _ml.MulticlassClassification.Trainers.NamedEntityRecognition(_model, textColumnName: "Words", options: Options(25)).Fit(Data());

        var rows = _ml.Data.LoadFromEnumerable([new Row { Words = ["The", "", "dog", "sits"] }]);
        var found = _ml.Data.CreateEnumerable<NamedEntityPrediction>(fitted.Transform(rows), false).Single();

        Assert.Equal(["dog"], found.Texts);
        Assert.Equal([5], found.Starts);
        Assert.Equal(4, found.PredictedLabels.Length);
        Assert.Equal(1u, found.PredictedLabels[1]);
        var named = _ml.Transforms.Conversion.MapKeyToValue("Tags", "PredictedLabel").Fit(fitted.Transform(rows)).Transform(fitted.Transform(rows));
        Assert.Equal(["O", "O", "B-animal", "O"], named.GetColumn<string[]>("Tags").Single());
    }

    [Fact]
    public void Fit_WithTagsThatStartInside_LearnsThem()
    {
        var rows = Rows().Select(r => new Row { Sentence1 = r.Sentence1, Label = [.. r.Label.Select(t => t.Replace("B-", "I-", StringComparison.Ordinal))] });
        using var fitted = Trainer(Options(25)).Fit(_ml.Data.LoadFromEnumerable(rows));

        var found = _ml.Data.CreateEnumerable<NamedEntityPrediction>(fitted.Transform(Data()), false).First();

        Assert.Equal(["O", "I-animal", "I-place"], fitted.Tags);
        Assert.Equal(["animal", "place"], found.Labels);
    }

    [Fact]
    public void Fit_TextOrKeysOrWords_GivesTheSameWeights()
    {
        var texts = Trainer(Options(1)).Fit(Data());
        var words = _ml.MulticlassClassification.Trainers.NamedEntityRecognition(_model, textColumnName: "Words", options: Options(1)).Fit(Data());

        Assert.Equal(Tiny.Weights(texts), Tiny.Weights(words));
        texts.Dispose();
        words.Dispose();
    }

    [Fact]
    public void Fit_OtherPiecesAndPadding_AreNeverTargets()
    {
        var targets = 0L;
        var rows = new[] { new Row { Sentence1 = "The cateats", Label = ["O", "B-animal"] }, new Row { Sentence1 = "The dog sits near the mat.", Label = ["O", "B-animal", "", "", "", ""] } };
        using var fitted = Trainer(Options(1) with { EvaluationData = _ml.Data.LoadFromEnumerable(rows), Progress = new Listener(e => targets = e.Evaluation?.TargetCount ?? targets) })
            .Fit(_ml.Data.LoadFromEnumerable(rows));

        Assert.Equal(4, targets);
    }

    [Fact]
    public void Fit_SentenceFarOverTheLimit_IsCutCountedAndTheRestIsOutside()
    {
        var log = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => log.Add(e.Message);
        var words = Enumerable.Range(0, 500).Select(i => i % 2 == 0 ? "the" : "dog").ToArray();
        var rows = ml.Data.LoadFromEnumerable(Rows().Append(new Row { Sentence1 = string.Join(' ', words), Label = [.. words.Select(w => w == "dog" ? "B-animal" : "O")] }));
        using var fitted = ml.MulticlassClassification.Trainers.NamedEntityRecognition(_model, options: Options(1) with { EvaluationData = rows }).Fit(rows);

        var found = ml.Data.CreateEnumerable<NamedEntityPrediction>(fitted.Transform(rows), false).Last();

        Assert.Contains(log, m => m.Contains("1 of 121 rows for training have more than 24 tokens", StringComparison.Ordinal));
        Assert.Equal(500, found.PredictedLabels.Length);
        Assert.All(found.PredictedLabels.Skip(22), tag => Assert.Equal(1u, tag));
        Assert.True(fitted.Evaluation!.Metrics![MetricNames.Recall] <= (240.0 + 11) / (240 + 250), string.Join(", ", fitted.Evaluation.Metrics));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Fit_EmptyRows_AreLeftOutAndCountedOnce(int empty)
    {
        var log = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => log.Add(e.Message);
        Row[] rows = [new() { Sentence1 = "the dog sits", Label = ["O", "B-animal", "O"] }, new() { Sentence1 = "the mat", Label = ["O", "B-place"] }, .. Enumerable.Range(0, empty).Select(_ => new Row { Sentence1 = "", Label = [] })];

        using var fitted = ml.MulticlassClassification.Trainers.NamedEntityRecognition(_model, options: Options(1)).Fit(ml.Data.LoadFromEnumerable(rows));

        Assert.Contains($"{empty} of {rows.Length} rows for training have no text", Assert.Single(log, m => m.Contains("rows for training", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(log, m => m.Contains("on 2 examples", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_WordsOfWhichTheTokenizerReadsNothing_GoOnWithTheEntityAroundThem()
    {
        Row[] rows =
        [
            .. Rows(),
            .. Enumerable.Range(0, 20).Select(_ => new Row { Sentence1 = "The dog sits near the \u200d river.", Label = ["O", "B-animal", "O", "O", "B-place", "I-place", "I-place"] }),
            new Row { Sentence1 = "\u200d", Label = ["O"] },
        ];
        var log = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => log.Add(e.Message);
        var data = ml.Data.LoadFromEnumerable(rows);
        using var fitted = ml.MulticlassClassification.Trainers.NamedEntityRecognition(_model, options: Options(30) with { EvaluationData = data }).Fit(data);

        var found = ml.Data.CreateEnumerable<NamedEntityPrediction>(fitted.Transform(data), false).ElementAt(rows.Length - 2);

        Assert.Equal(["dog", "the \u200d river."], found.Texts);
        Assert.Equal(["O", "B-animal", "O", "O", "B-place", "I-place", "I-place"], found.PredictedLabels.Select(key => fitted.Tags[(int)key - 1]));
        Assert.All(found.Scores, score => Assert.InRange(score, 0.5f, 1f));
        Assert.Equal(1, fitted.Evaluation!.Metrics![MetricNames.F1], 1e-9);
        Assert.Contains(log, m => m.Contains("1 of 141 rows for training have text of which the tokenizer reads nothing", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_EntityOfWhichTheTokenizerReadsNothing_CountsAsMissed()
    {
        Row[] rows = [.. Rows(), new Row { Sentence1 = "the \u200d dog", Label = ["O", "B-place", "B-animal"] }];
        var data = _ml.Data.LoadFromEnumerable(rows);

        using var fitted = Trainer(Options(30) with { EvaluationData = data }).Fit(data);

        Assert.InRange(fitted.Evaluation!.Metrics![MetricNames.Recall], 0.9, 0.9999);
    }

    [Fact]
    public void Fit_NothingThatTheTokenizerReads_SaysSo()
    {
        string Refused(params Row[] rows) => Assert.Throws<InvalidDataException>(() => Trainer(Options(1)).Fit(_ml.Data.LoadFromEnumerable(rows))).Message;
        var unread = new Row { Sentence1 = "\u200d \ue000", Label = ["B-place", "O"] };

        Assert.Contains("of which it reads nothing", Refused(unread), StringComparison.Ordinal);
        Assert.Contains(
            "1 have no label, 1 no text, and of 1 the tokenizer reads nothing",
            Refused(unread, new Row { Sentence1 = "", Label = [] }, new Row { Sentence1 = "a", Label = [""] }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_BadRows_AreRefusedBeforeTraining()
    {
        var steps = 0;
        string Refused<T>(params Row[] rows)
            where T : Exception => Assert.ThrowsAny<T>(() => Trainer(Options(1) with { Progress = new Listener(_ => steps++) }).Fit(_ml.Data.LoadFromEnumerable(rows))).Message;

        Assert.Contains("2 words and 3 tags", Refused<InvalidDataException>(new Row { Sentence1 = "a b", Label = ["O", "B-x", "O"] }), StringComparison.Ordinal);
        Assert.Contains("2 words and 1 tags", Refused<InvalidDataException>(new Row { Sentence1 = "a b", Label = ["O"] }, new Row { Sentence1 = "a", Label = ["B-x"] }), StringComparison.Ordinal);
        Assert.Contains("'X-per'", Refused<InvalidDataException>(new Row { Sentence1 = "a b", Label = ["O", "X-per"] }), StringComparison.Ordinal);
        Assert.Contains("two different tags", Refused<InvalidDataException>(new Row { Sentence1 = "a b", Label = ["O", "O"] }), StringComparison.Ordinal);
        Assert.Contains("two different tags", Refused<InvalidDataException>(), StringComparison.Ordinal);
        Assert.Equal(0, steps);
    }

    [Fact]
    public void Fit_EvaluationWithOtherTags_IsRefused()
    {
        var other = _ml.Data.LoadFromEnumerable([new Row { Sentence1 = "a b", Label = ["O", "B-person"] }]);

        var text = Assert.Throws<InvalidDataException>(() => Trainer(Options(1) with { EvaluationData = other }).Fit(Data()));

        Assert.Contains("'B-person'", text.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_FromAHeadWithFewerTags_DrawsTheLastLayerAnewAndSaysSo()
    {
        using var first = Trainer(Options(1)).Fit(Data());
        using var model = PretrainedModel.FromTransformer(first);
        var log = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => log.Add(e.Message);
        var more = Rows().Append(new Row { Sentence1 = "the fox", Label = ["B-article", "B-animal"] });

        using var second = ml.MulticlassClassification.Trainers.NamedEntityRecognition(model, options: Options(1)).Fit(ml.Data.LoadFromEnumerable(more));

        Assert.Contains(log, m => m.Contains("drawn anew", StringComparison.Ordinal));
        Assert.Equal(5, second.Tags.Count);
    }

    [Fact]
    public void Load_InAFreshProcess_FindsTheSame()
    {
        using var fitted = Trainer(Options(2)).Fit(Data());
        _ml.Model.Save(fitted, Data().Schema, _directory.File("m.zip"));

        var child = ChildProcess.Run(Predict, _directory.File("m.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(Describe(_ml, fitted), child.Result);
    }

    [Fact]
    public void Save_OfTheModel_GivesAHuggingFaceDirectoryWithTheTags()
    {
        using var fitted = Trainer(Options(1)).Fit(Data());
        using var model = PretrainedModel.FromTransformer(fitted);
        var path = Path.Combine(_directory.Path, "model");
        model.Save(path);

        using var opened = PretrainedModel.FromDirectory(path);

        Assert.Equal(ModelHead.TokenClassifier, opened.Head);
        Assert.Equal(fitted.Tags, opened.Config.Labels);
        Assert.True(opened.LoadReport!.IsComplete);
    }

    [Fact]
    public void FitAndTransform_LeakNoTensor()
    {
        Describe(_ml, Trainer(Options(1)).Fit(Data()));
        var before = LiveTensors.CountSettled();
        using (var fitted = Trainer(Options(1) with { EvaluationFraction = 0.2 }).Fit(Data()))
            Describe(_ml, fitted);
        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);
    }

    private static IEnumerable<Row> Rows() => SmallCorpus.Sentences.Select(s =>
    {
        var words = s.Split(' ');
        string Tag(int i) => Animals.Contains(words[i]) ? "B-animal" : Places.Contains(words[i].TrimEnd('.')) ? "I-place" : i == words.Length - 2 ? "B-place" : "O";
        return new Row { Sentence1 = s, Words = words, Label = [.. words.Select((_, i) => Tag(i))] };
    });

    private static NamedEntityRecognitionOptions Options(int epochs) => new()
    {
        Epochs = epochs,
        BatchSize = 8,
        LearningRate = 5e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
        Dropout = 0,
    };

    private static string Predict(string path)
    {
        var ml = new MLContext();
        return Describe(ml, ml.Model.Load(path, out _));
    }

    private static string Describe(MLContext ml, ITransformer fitted) => string.Join("; ", ml.Data.CreateEnumerable<NamedEntityPrediction>(fitted.Transform(ml.Data.LoadFromEnumerable(Rows())), false)
        .Select(r => $"{string.Join(' ', r.PredictedLabels)} {string.Join(' ', r.Texts)} {string.Join(' ', r.Scores.Select(BitConverter.SingleToInt32Bits))}"));

    private IDataView Data() => _ml.Data.LoadFromEnumerable(Rows());

    private NamedEntityRecognitionTrainer Trainer(NamedEntityRecognitionOptions options) => _ml.MulticlassClassification.Trainers.NamedEntityRecognition(_model, options: options);

    private sealed class Row
    {
        public string Sentence1 { get; set; } = "";

        public string[] Words { get; set; } = [];

        public string[] Label { get; set; } = [];
    }
}
