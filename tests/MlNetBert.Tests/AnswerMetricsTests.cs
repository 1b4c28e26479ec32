namespace MlNetBert.Tests;

public sealed class AnswerMetricsTests
{
    [Theory]
    [InlineData("The  Eiffel-Tower!", "eiffeltower")]
    [InlineData("a cat, an owl and the\tdog", "cat owl and dog")]
    [InlineData("Theatre", "theatre")]
    [InlineData("The", "")]
    [InlineData(null, "")]
    public void Normalize_OfAnAnswer_IsSquads(string? answer, string expected) => Assert.Equal(expected, AnswerMetrics.Normalize(answer));

    [Theory]
    [InlineData("the Cat.", "cat", 1)]
    [InlineData("black cat", "cat", 2.0 / 3)]           // precision 1/2, recall 1
    [InlineData("a b c d", "c d e", 0.6666666667)]      // «a» is an article: 2 of 3 and 2 of 3
    [InlineData("cat cat", "cat", 2.0 / 3)]             // a word counts as often as both have it
    [InlineData("dog", "cat", 0)]
    [InlineData("", "cat", 0)]
    [InlineData("the", "", 1)]
    public void F1Of_TwoAnswers_IsWhatIsCountedByHand(string predicted, string expected, double f1) => Assert.Equal(f1, AnswerMetrics.ComputeF1(predicted, expected), 1e-9);

    [Fact]
    public void Compute_SeveralAnswers_GivesMeans()
    {
        var metrics = AnswerMetrics.Compute([new("The cat", "cat"), new("black dog", "dog"), new(null, "fox")]);
        Assert.Equal(1.0 / 3, metrics.ExactMatch, 1e-9);
        Assert.Equal((1 + (2.0 / 3)) / 3, metrics.F1, 1e-9);
        Assert.Equal(3, metrics.QuestionCount);
    }

    [Fact]
    public void Compute_QuestionsWithSeveralRightAnswers_CountsTheBest()
    {
        IReadOnlyList<string> right = ["a black dog", "dog"];
        Assert.Equal(new AnswerMetrics(1, 1, 1), AnswerMetrics.Compute([new("the dog", right)]));
    }

    [Fact]
    public void Compute_NoAnswer_IsZero() => Assert.Equal(new AnswerMetrics(0, 0, 0), AnswerMetrics.Compute([]));
}
