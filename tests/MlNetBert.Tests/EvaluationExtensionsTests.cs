using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.NamedEntities;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests;

public class EvaluationExtensionsTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void EvaluateNamedEntities_OfTextsAndKeys_CountsAsTheEvaluatorDoes()
    {
        TagRow[] rows =
        [
            new() { Label = ["O", "B-PER", "I-PER", "O"], Predicted = ["O", "B-PER", "I-PER", "B-LOC"] },
            new() { Label = ["B-LOC", "O"], Predicted = ["O", "O"] },
            new() { Label = [], Predicted = [] },
        ];
        var data = _ml.Data.LoadFromEnumerable(StrictRows.Once(rows));
        var keyed = _ml.Transforms.Conversion.MapValueToKey("PredictedLabel", "Predicted").Fit(_ml.Data.LoadFromEnumerable(rows)).Transform(_ml.Data.LoadFromEnumerable(rows));
        var expected = EntityEvaluator.Evaluate(rows.Select(r => r.Label), rows.Select(r => r.Predicted));

        var metrics = _ml.MulticlassClassification.EvaluateNamedEntities(data, predictedLabelColumnName: "Predicted");
        var ofKeys = _ml.MulticlassClassification.EvaluateNamedEntities(keyed);

        Assert.Equal(0.5, metrics.MicroPrecision, 1e-9);
        Assert.Equal(0.5, metrics.MicroRecall, 1e-9);
        Assert.Equal(expected.PerType, metrics.PerType);
        Assert.Equal(expected.PerType, ofKeys.PerType);
    }

    [Fact]
    public void EvaluateNamedEntities_OfMissingTags_LeavesLabelsOutAndCountsPredictionsAsOutside()
    {
        TagRow[] rows = [new() { Label = ["B-PER", "", "O"], Predicted = ["", "B-LOC", "O"] }];

        var metrics = _ml.MulticlassClassification.EvaluateNamedEntities(_ml.Data.LoadFromEnumerable(rows), predictedLabelColumnName: "Predicted");

        Assert.Equal(new EntityCounts(0, 0, 1), metrics.Counts);
    }

    [Theory]
    [InlineData("B-PER O", "O", "row 1")]
    [InlineData("B-PER", "person", "'person'")]
    public void EvaluateNamedEntities_OfRowsThatCannotBe_NamesThem(string label, string predicted, string expected)
    {
        TagRow[] rows = [new() { Label = ["O"], Predicted = ["O"] }, new() { Label = label.Split(' '), Predicted = predicted.Split(' ') }];

        var exception = Assert.Throws<InvalidDataException>(() => _ml.MulticlassClassification.EvaluateNamedEntities(_ml.Data.LoadFromEnumerable(rows), predictedLabelColumnName: "Predicted"));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains("row 1 (from 0)", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("predictedLabelColumnName", () => _ml.MulticlassClassification.EvaluateNamedEntities(_ml.Data.LoadFromEnumerable(rows), predictedLabelColumnName: "Number"));
    }

    [Fact]
    public void EvaluateQuestionAnswer_OfOneOrSeveralRightAnswers_CountsTheFirstAgainstTheBest()
    {
        AnswerRow[] rows =
        [
            new() { TrainingAnswer = "the cat", Several = ["a dog", "The cat."], Found = ["cat", "dog"], One = "cat" },
            new() { TrainingAnswer = "a blue house", Several = ["a blue house"], Found = ["blue", "a blue house"], One = "blue" },
            new() { TrainingAnswer = "x", Several = [], Found = [], One = "" },
        ];
        var data = _ml.Data.LoadFromEnumerable(rows);

        var one = _ml.MulticlassClassification.EvaluateQuestionAnswer(_ml.Data.LoadFromEnumerable(StrictRows.Once(rows)), predictedAnswerColumnName: "Found");
        var several = _ml.MulticlassClassification.EvaluateQuestionAnswer(data, "Several", "One");

        Assert.Equal(new AnswerMetrics(1.0 / 3, (1 + (2.0 / 3) + 0) / 3, 3), one);
        Assert.Equal(2.0 / 3, several.ExactMatch, 1e-9); // nothing where nothing is expected is right
        Assert.Throws<ArgumentOutOfRangeException>("labelColumnName", () => _ml.MulticlassClassification.EvaluateQuestionAnswer(data, "Number", "One"));
        Assert.Throws<ArgumentOutOfRangeException>("predictedAnswerColumnName", () => _ml.MulticlassClassification.EvaluateQuestionAnswer(data));
    }

    [Fact]
    public void EvaluateSequenceToSequence_OfOneOrSeveralRightTexts_CountsAsTextMetrics()
    {
        TextRow[] rows =
        [
            new() { Target = "o gato preto dorme", Several = ["um gato", "o gato preto dorme"], Text = "o gato preto dorme" },
            new() { Target = "a casa azul", Several = [], Text = "a casa verde" },
        ];
        var data = _ml.Data.LoadFromEnumerable(rows);

        var one = _ml.Transforms.Text.EvaluateSequenceToSequence(_ml.Data.LoadFromEnumerable(StrictRows.Once(rows)));
        var several = _ml.Transforms.Text.EvaluateSequenceToSequence(data, "Several");

        Assert.Equal(TextMetrics.Compute([.. rows.Select(row => row.Text)], [.. rows.Select(row => (IReadOnlyList<string>)[row.Target])]), one);
        Assert.Equal((0.5, 2), (one.ExactMatch, one.TextCount));
        Assert.Equal(TextMetrics.Compute([.. rows.Select(row => row.Text)], [rows[0].Several, [""]]), several);
        Assert.Throws<ArgumentOutOfRangeException>("labelColumnName", () => _ml.Transforms.Text.EvaluateSequenceToSequence(data, "Number"));
        Assert.Throws<ArgumentOutOfRangeException>("predictedTextColumnName", () => _ml.Transforms.Text.EvaluateSequenceToSequence(data, predictedTextColumnName: "Text.Text"));
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();
        Assert.Throws<OperationCanceledException>(() => _ml.Transforms.Text.EvaluateSequenceToSequence(data, cancellationToken: canceled.Token));
    }

    private sealed class TextRow
    {
        public string Target { get; set; } = "";

        public string[] Several { get; set; } = [];

        [ColumnName("Prediction.Text")]
        public string Text { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class TagRow
    {
        public string[] Label { get; set; } = [];

        public string[] Predicted { get; set; } = [];

        public float Number { get; set; }
    }

    private sealed class AnswerRow
    {
        public string TrainingAnswer { get; set; } = "";

        public string[] Several { get; set; } = [];

        public string[] Found { get; set; } = [];

        public string One { get; set; } = "";

        public float Number { get; set; }
    }
}
