using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Mapping;

/// <summary>What reads rows for itself: once where one reading is enough, and with a refusal where another one gives other rows.</summary>
public sealed class SingleReadingTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);
    private readonly Row[] _rows = [.. Enumerable.Range(0, 60).Select(Row.Of)];

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Build_OfAnIndexOverRowsThatCanBeReadOnce_FindsThem()
    {
        using var expected = EmbeddingIndex.BuildFromText(_ml, View(_rows), "Text", _model);
        using var index = EmbeddingIndex.BuildFromText(_ml, View(StrictRows.Once(_rows)), "Text", _model);

        Assert.Equal(expected.Search(_rows[7].Text, 5), index.Search(_rows[7].Text, 5));
    }

    [Fact]
    public void ReadRows_OfOtherRowsThanTheFirstTime_IsRefused()
    {
        using var once = EmbeddingIndex.BuildFromText(_ml, View(StrictRows.Once(_rows)), "Text", _model);
        using var shuffled = EmbeddingIndex.BuildFromText(_ml, View(StrictRows.Shuffled(_rows)), "Text", _model);
        using var oneReader = EmbeddingIndex.BuildFromText(_ml, View(new OneReader<Row>(_rows)), "Text", _model);
        // Equal texts with other numbers.
        var same = _rows.Select((row, i) => new Row { Id = i, Text = "The cat sits." }).ToArray();
        using var alike = EmbeddingIndex.BuildFromText(_ml, View(StrictRows.Shuffled(same)), "Text", _model);

        Assert.Contains("found none", Assert.Throws<InvalidOperationException>(() => once.GetRows<Row>(once.Search(_rows[3].Text, 2))).Message, StringComparison.Ordinal);
        Assert.Contains("found another one", Assert.Throws<InvalidOperationException>(() => shuffled.GetRows<Row>(shuffled.Search(_rows[3].Text, 9))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => alike.GetRows<Row>(alike.Search(same[3].Text, 9)));
        Assert.Equal(_rows[3].Id, oneReader.GetRows<Row>(oneReader.Search(_rows[3].Text, 1)).Single().Id);
    }

    [Fact]
    public void Measure_OfAProbeOverRowsThatCanBeReadOnce_IsTheSame()
    {
        var expected = new ClassificationProbe(View(_rows), "Text", "Area").Measure(_model, TestContext.Current.CancellationToken);

        Assert.Equal(expected, new ClassificationProbe(View(StrictRows.Once(_rows)), "Text", "Area").Measure(_model, TestContext.Current.CancellationToken));
        var source = new OneReader<Row>(_rows);
        Assert.Equal(expected, new ClassificationProbe(View(source), "Text", "Area").Measure(_model, TestContext.Current.CancellationToken));
        Assert.Equal(_rows.Length, source.Given);
    }

    [Fact]
    public void Fit_OfNamedEntitiesOnRowsThatCanBeReadOnce_GivesTheSameWeights()
    {
        var trainer = _ml.MulticlassClassification.Trainers.NamedEntityRecognition(
            _model, labelColumnName: "Tags", textColumnName: "Words", options: new NamedEntityRecognitionOptions { MaxSteps = 2, Threads = 1, Device = "cpu" });
        using var expected = trainer.Fit(View(_rows));
        using var once = trainer.Fit(View(StrictRows.Once(_rows)));

        Assert.Equal(Tiny.Weights(expected), Tiny.Weights(once));
    }

    [Fact]
    public void Fit_OfATrainerOnRowsThatCanBeReadOnce_GivesTheSameWeights()
    {
        var similarity = _ml.Regression.Trainers.SentenceSimilarity(
            _model, labelColumnName: "Grade", sentence1ColumnName: "Text", sentence2ColumnName: "Question", options: new SentenceSimilarityOptions { MaxSteps = 2, Threads = 1, Device = "cpu" });
        using var expected = similarity.Fit(View(_rows));
        using var once = similarity.Fit(View(StrictRows.Once(_rows)));
        Assert.Equal(Tiny.Weights(expected), Tiny.Weights(once));

        var pretraining = _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", _model, Tiny.Options() with { Config = null, LearningRate = null });
        Assert.Equal(Tiny.Weights(pretraining.Fit(Tokens(_rows))), Tiny.Weights(pretraining.Fit(Tokens(StrictRows.Once(_rows)))));
    }

    [Fact]
    public void Fit_OfAPipelineThatLearnsTwiceOnRowsThatCanBeReadOnce_IsRefused()
    {
        var classify = _ml.Transforms.Conversion.MapValueToKey("Label", "Area")
            .Append(_ml.MulticlassClassification.Trainers.TextClassification(_model, sentence1ColumnName: "Text", options: Labeled.Options(1)));

        Assert.Contains("read once", Assert.Throws<InvalidDataException>(() => classify.Fit(View(StrictRows.Once(_rows)))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Tiny.Tokens(_ml).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options()))
            .Fit(View(StrictRows.Once(_rows))));
    }

    [Fact]
    public void GroupTokenBlocks_AsData_ReadsItsRowsOnce()
    {
        var expected = Blocks(_rows);

        Assert.NotEmpty(expected);
        Assert.Equal(expected, Blocks(StrictRows.Once(_rows)));
        Assert.Equal(expected, Blocks(new OneReader<Row>(_rows)));
        Assert.Equal(expected.Count, ViewReader.Read(_ml.Data.GroupTokenBlocks(Tokens(StrictRows.Once(_rows)), "Tokens", 16), [])[""].Count);
        Assert.Empty(Blocks([]));
        // Other blocks in another order, but as many tokens.
        Assert.InRange(Blocks(StrictRows.Shuffled(_rows)).Count, expected.Count - 1, expected.Count + 1);
    }

    [Fact]
    public void GroupTokenBlocks_WhoseCursorIsDisposedOf_ClosesItsSource()
    {
        var source = new OneReader<Row>(_rows);
        var view = _ml.Data.GroupTokenBlocks(Tokens(source), "Tokens", 16);
        var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<uint>>(view.Schema["Tokens"]);
        Assert.True(cursor.MoveNext());
        cursor.Dispose();

        Assert.True(SpinWait.SpinUntil(() => source.Open == 0, TimeSpan.FromMinutes(1)), "the source is still open");
        VBuffer<uint> value = default;
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
        Assert.NotEmpty(ViewReader.Read(view, view.Schema)["Tokens#0"]);
    }

    [Fact]
    public void PreviewCorruption_OfRowsThatCanBeReadOnce_ShowsThem()
    {
        var expected = _ml.Data.PreviewCorruption(Tokens(_rows), "Tokens", options: Tiny.Options()).ToString();

        Assert.Equal(expected, _ml.Data.PreviewCorruption(Tokens(StrictRows.Once(_rows)), "Tokens", options: Tiny.Options()).ToString());
    }

    private IDataView View(IEnumerable<Row> rows) => _ml.Data.LoadFromEnumerable(rows);

    private IDataView Tokens(IEnumerable<Row> rows) => Tiny.Group(_ml).Fit(Tokenized([])).Transform(Tokenized(rows));

    private IDataView Tokenized(IEnumerable<Row> rows) => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", _model).Fit(View([])).Transform(View(rows));

    private List<string> Blocks(IEnumerable<Row> rows)
    {
        var view = _ml.Data.GroupTokenBlocks(Tokens(rows), "Tokens", 16);
        return ViewReader.Read(view, view.Schema)["Tokens#0"];
    }
}
