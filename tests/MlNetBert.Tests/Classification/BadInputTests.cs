using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Classification;

public sealed class BadInputTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);
    private readonly List<string> _log = [];

    public BadInputTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void TextClassification_WithBadOptions_ListsEveryFault()
    {
        var options = new TextClassificationOptions
        {
            MaxLength = 1000,
            Dropout = 1,
            Pooling = Pooling.Mean,
            Epochs = 0,
            EvaluationFraction = 2,
            BalanceClasses = true,
            ClassWeights = new Dictionary<string, double> { ["cat"] = 0 },
            TruncationSide = (SequenceSide)9,
        };
        var exception = Assert.Throws<InvalidOptionsException>(() => _ml.MulticlassClassification.Trainers.TextClassification(_model, options: options));
        string[] names = ["MaxLength", "Dropout", "Pooling", "Epochs", "EvaluationFraction", "BalanceClasses", "ClassWeights", "TruncationSide"];
        Assert.All(names, name => Assert.Contains(exception.Errors, fault => fault.StartsWith(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void Fit_FromACheckpointThatLacksAWeightOfALayer_SaysWhich()
    {
        using var directory = new TemporaryDirectory();
        _model.Save(directory.File("model"));
        var lacking = Models.Weights.ToTensors(_model.Network).Where(tensor => !tensor.Name.EndsWith("layer.0.output.dense.weight", StringComparison.Ordinal));
        SafetensorsWriter.Write(directory.File("model/model.safetensors"), lacking);
        using var model = PretrainedModel.FromDirectory(directory.File("model"), new PretrainedModelOptions { AllowMissing = true });

        using var fitted = Labeled.Pipeline(_ml, model, Labeled.Options(1)).Fit(Labeled.Load(_ml));

        Assert.Single(_log, m => m.Contains("lacks weights of the encoder", StringComparison.Ordinal) && m.Contains("layer.0.output.dense.weight", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_WithALabelThatIsNoKey_SaysHowToMakeOne()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.TextClassification(_model, "Area").Fit(Labeled.Load(_ml)));
        Assert.Contains("MapValueToKey", exception.Message, StringComparison.Ordinal);
        Assert.Contains("String", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Nowhere", "Sentence1", "Nowhere")]
    [InlineData("Label", "Nothing", "Nothing")]
    [InlineData("Label", "Number", "Number")]
    public void Fit_WithAColumnThatIsNotThere_NamesIt(string label, string text, string expected)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.TextClassification(_model, label, sentence1ColumnName: text).Fit(Labeled.Keyed(_ml)));
        Assert.Contains($"'{expected}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithOneLabelOnly_IsRefused() =>
        Assert.Contains("'cat'", Assert.Throws<InvalidDataException>(() => Fit(Rows(r => r.Area == "cat" ? r : null))).Message, StringComparison.Ordinal);

    [Fact]
    public void Fit_WithAKeyOfSeveralLabelsButRowsOfOne_IsRefused()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label", "Area").Fit(Labeled.Load(_ml));
        var rows = mapping.Transform(Rows(r => r.Area == "dog" ? r : null));
        var exception = Assert.Throws<InvalidDataException>(() => _ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1)).Fit(rows));
        Assert.Contains("all 'dog'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithTextsOfUnknownTokens_IsRefusedOrWarned()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label", "Area").Fit(Labeled.Load(_ml));
        void Train(Func<Labeled.Row, int, Labeled.Row?> change) =>
            _ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1)).Fit(mapping.Transform(Rows(change))).Dispose();

        Assert.Contains("no token to learn from", Assert.Throws<InvalidDataException>(() => Train((r, _) => new Labeled.Row { Area = r.Area, Sentence1 = "Ωμέγα" })).Message, StringComparison.Ordinal);
        Train((r, i) => i % 8 == 0 ? r : new Labeled.Row { Area = r.Area, Sentence1 = "Ωμέγα ξένος λόγος άλφα" });
        Assert.Single(_log, m => m.Contains("of the tokens are unknown", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_WithoutAnyLabel_IsRefused()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label", "Area").Fit(Labeled.Load(_ml));
        var rows = mapping.Transform(Rows(r => new Labeled.Row { Area = "unseen", Sentence1 = r.Sentence1 }));
        var exception = Assert.Throws<InvalidDataException>(() => _ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1)).Fit(rows));
        Assert.Contains("without a label", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithoutARow_IsRefused() => Assert.Throws<InvalidDataException>(() =>
        _ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1)).Fit(_ml.Data.FilterRowsByColumn(Labeled.Keyed(_ml), "Grade", 1000)));

    [Fact]
    public void Fit_WithTextsThatAreAllNullOrEmpty_IsRefused()
    {
        var exception = Assert.Throws<InvalidDataException>(() => Fit(Rows((r, i) => new Labeled.Row { Area = r.Area, Sentence1 = i % 2 == 0 ? null : " " })));
        Assert.Contains("'Sentence1'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("without a label and without text")] // counted as one of them
    [InlineData("empty or unread")]
    public void Fit_WithRowsThatLackSeveralThings_TrainsOnTheOthersOrSaysWhatIsMissing(string rows)
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label", "Area").Fit(Labeled.Load(_ml));
        void Train(Func<Labeled.Row, int, Labeled.Row?> change) =>
            _ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1)).Fit(mapping.Transform(Rows(change))).Dispose();

        if (rows.StartsWith("without", StringComparison.Ordinal))
        {
            // As many rows lack both as have both.
            Train((r, i) => i % 2 == 0 ? r : new Labeled.Row { Area = null, Sentence1 = "" });
            Assert.Single(_log, m => m.Contains("30 of 60 rows for training have no label", StringComparison.Ordinal));
            Assert.DoesNotContain(_log, m => m.Contains("no text", StringComparison.Ordinal));
            var message = Assert.Throws<InvalidDataException>(() => Train((r, i) => new Labeled.Row { Area = i % 2 == 0 ? null : r.Area, Sentence1 = i % 2 == 0 ? r.Sentence1 : "" })).Message;
            Assert.Contains("30 have no label, 30 no text, and of 0 the tokenizer reads nothing", message, StringComparison.Ordinal);
            return;
        }

        Train((r, i) => i % 2 == 0 ? r : new Labeled.Row { Area = r.Area, Sentence1 = i % 4 == 1 ? "" : "\u200d\ue000" });
        Assert.Single(_log, m => m.Contains("15 of 60 rows for training have no text", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("15 of 60 rows for training have text of which the tokenizer reads nothing", StringComparison.Ordinal));
        Assert.Contains(
            "found 60 rows of which it reads nothing",
            Assert.Throws<InvalidDataException>(() => Train((r, _) => new Labeled.Row { Area = r.Area, Sentence1 = "\u200d" })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithSomeLabelsMissingAndTextsEmptyOrLong_CountsThemOnce()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label", "Area").Fit(Labeled.Load(_ml));
        var rows = mapping.Transform(Rows((r, i) => new Labeled.Row
        {
            Area = i < 2 ? null : r.Area,
            Sentence1 = i is >= 2 and < 5 ? null : i < 9 ? string.Concat(Enumerable.Repeat(r.Sentence1 + " ", 10)) : r.Sentence1,
        }));
        using var fitted = _ml.MulticlassClassification.Trainers.TextClassification(_model, options: Labeled.Options(1)).Fit(rows);

        Assert.Single(_log, m => m.Contains("2 of 60 rows for training have no label", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("3 of 60 rows for training have no text", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("4 of 60 rows for training have more than 24 tokens", StringComparison.Ordinal));
        fitted.Transform(rows).GetColumn<uint>("PredictedLabel").ToList();
        fitted.Transform(rows).GetColumn<uint>("PredictedLabel").ToList();
        Assert.Single(_log, m => m.Contains("rows so far have more than 24 tokens", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_WithAWeightForAnUnknownLabel_IsRefused()
    {
        var options = Labeled.Options(1) with { ClassWeights = new Dictionary<string, double> { ["unicorn"] = 2 } };
        Assert.Contains("unicorn", Assert.Throws<InvalidOptionsException>(() => Fit(Labeled.Load(_ml), options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithEvaluationDataWithoutTheColumns_NamesThem()
    {
        var other = _ml.Data.LoadFromEnumerable([new { Other = "text" }]);
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(Labeled.Load(_ml), Labeled.Options(1) with { EvaluationData = other }));
        Assert.Contains("'Area'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'Sentence1'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithEvaluationDataOfOtherKeys_NamesTheUnseen()
    {
        var rows = Rows((r, i) => new Labeled.Row { Area = i % 2 == 0 ? "unicorn" : r.Area, Sentence1 = r.Sentence1 });
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", "Area").Fit(rows).Transform(rows);
        var exception = Assert.Throws<ArgumentException>(() => Fit(Labeled.Load(_ml), Labeled.Options(1) with { EvaluationData = keyed }));
        Assert.Contains("'unicorn'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithEvaluationDataOfUnseenLabelsOnly_IsRefused()
    {
        var rows = Rows(r => new Labeled.Row { Area = "unicorn", Sentence1 = r.Sentence1 });
        Assert.Contains("EvaluationData", Assert.Throws<InvalidDataException>(() => Fit(Labeled.Load(_ml), Labeled.Options(1) with { EvaluationData = rows })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithEvaluationDataAsThePipelineTakesIt_RepeatsItsSteps()
    {
        var rows = Rows((r, i) => i % 3 == 0 ? new Labeled.Row { Area = i == 0 ? "unicorn" : r.Area, Sentence1 = r.Sentence1 } : null);
        using var fitted = Fit(Labeled.Load(_ml), Labeled.Options(2) with { EvaluationData = rows, RestoreBestWeights = true, Patience = 5 });

        Assert.Equal(19, fitted.LastTransformer.Evaluation!.TargetCount);
        Assert.Single(_log, m => m.Contains("1 of 20 rows for evaluation have no label", StringComparison.Ordinal));
        Assert.Equal(3, fitted.LastTransformer.History.Count(r => r.EvaluationAccuracy is not null));
    }

    private TransformerChain<TextClassificationTransformer> Fit(IDataView rows, TextClassificationOptions? options = null) =>
        Labeled.Pipeline(_ml, _model, options ?? Labeled.Options(1)).Fit(rows);

    private IDataView Rows(Func<Labeled.Row, Labeled.Row?> make) => Rows((row, _) => make(row));

    private IDataView Rows(Func<Labeled.Row, int, Labeled.Row?> make) => _ml.Data.LoadFromEnumerable(Labeled.Rows.Select(make).OfType<Labeled.Row>());
}
