using Microsoft.ML;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.QuestionAnswering;

public sealed class BadInputTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly PretrainedModel _model = PretrainedModel.FromTransformer(Tiny.Fitted);
    private readonly List<string> _log = [];

    public BadInputTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void QuestionAnswer_WithOptionsThatCannotBe_ListsEveryFault()
    {
        var options = new QuestionAnswerOptions { MaxLength = 12, Stride = 9, MaxQuestionLength = 0, MaxAnswerLength = 0 };
        var faults = Assert.Throws<InvalidOptionsException>(() => _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: options)).Errors;
        Assert.Equal(3, faults.Count);
        Assert.Contains(faults, f => f.Contains("MaxQuestionLength", StringComparison.Ordinal));
        Assert.Contains("Stride", Assert.Throws<InvalidOptionsException>(
            () => _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: new QuestionAnswerOptions { Stride = 300 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void QuestionAnswer_WithATopKOutOfRange_IsRefused(int topK) =>
        Assert.Throws<InvalidOptionsException>(() => _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: new QuestionAnswerOptions { TopK = topK }));

    [Fact]
    public void Fit_WithoutTheIndexColumn_NamesIt()
    {
        var rows = _ml.Data.LoadFromEnumerable([new { Context = "The cat.", Question = "Who?", TrainingAnswer = "cat" }]);
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(rows));
        Assert.Contains("answerIndexColumnName", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithAnIndexThatIsNoInt32_SaysWhatIsExpected()
    {
        var rows = _ml.Data.LoadFromEnumerable([new { Context = "The cat.", Question = "Who?", TrainingAnswer = "cat", AnswerIndex = 4f }]);
        Assert.Contains("Int32", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(rows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithAnswersNotAtTheirIndex_LeavesThemOutAndTellsOnceWhereTheyStand()
    {
        Asked.Row[] bad =
        [
            new() { Context = "The cat sits near the mat.", Question = "Who?", TrainingAnswer = "cat", AnswerIndex = 5 },
            new() { Context = "The cat sits.", Question = "Who?", TrainingAnswer = "fox", AnswerIndex = 4 },
            new() { Context = "The cat sits.", Question = "Who?", TrainingAnswer = "cat", AnswerIndex = -1 },
            new() { Context = "The cat sits.", Question = "Who?", TrainingAnswer = "cat", AnswerIndex = int.MaxValue },
            new() { Question = "Who?", TrainingAnswer = "cat" },
        ];
        Fit(Asked.Load(_ml, [.. Asked.Rows.Take(8), .. bad]));

        var told = Assert.Single(_log, m => m.Contains("does not stand at its index", StringComparison.Ordinal));
        Assert.Contains("5 of 13 rows for training", told, StringComparison.Ordinal);
        Assert.Contains("row 8 (from 0), answer 'cat' at 5", told, StringComparison.Ordinal);
        Assert.Contains("it stands at 4", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithNoAnswerAtItsIndex_IsRefused()
    {
        var rows = Asked.Load(_ml, Asked.Rows.Take(4).Select(r => r with { AnswerIndex = 1 }));
        Assert.Contains("it stands at 0", Assert.Throws<InvalidDataException>(() => Fit(rows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithoutRowsOrAnswers_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => Fit(Asked.Load(_ml)));
        Assert.Contains("TrainingAnswer", Assert.Throws<InvalidDataException>(() => Fit(Asked.Load(_ml, [new Asked.Row { Context = "The cat.", Question = "Who?" }]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithOddRows_CountsThem()
    {
        var longText = string.Join(' ', Enumerable.Repeat("cat", 40));
        Fit(Asked.Load(
            _ml,
            [
                .. Asked.Rows.Take(8),
                Asked.Rows[0] with { TrainingAnswer = null },
                Asked.Rows[0] with { Question = longText },
                Asked.Rows[0] with { Question = null },
                new() { Context = longText, Question = "Who?", TrainingAnswer = longText, AnswerIndex = 0 },
            ]));

        Assert.Single(_log, m => m.Contains("1 of 12 rows for training have no label", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 12 rows for training have a question of more than", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 12 rows for training have no question", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 12 rows for training have an answer that no window holds whole", StringComparison.Ordinal));
        Assert.Single(_log, m => m.Contains("1 of 12 rows for training have an answer of more than 30 tokens", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_WithAnswersThatNoWindowHolds_IsRefused()
    {
        var longText = string.Join(' ', Enumerable.Repeat("cat", 40));
        var rows = Asked.Load(_ml, [new Asked.Row { Context = longText, Question = "Who?", TrainingAnswer = longText, AnswerIndex = 0 }]);
        Assert.Contains("Stride", Assert.Throws<InvalidDataException>(() => Fit(rows)).Message, StringComparison.Ordinal);
    }

    private void Fit(IDataView rows) => _ml.MulticlassClassification.Trainers.QuestionAnswer(_model, options: Asked.Options(1)).Fit(rows).Dispose();
}
