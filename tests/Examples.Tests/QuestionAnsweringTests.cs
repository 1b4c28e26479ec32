extern alias asking;

using asking::QuestionAnswering;

namespace Examples.Tests;

public sealed class QuestionAnsweringTests
{
    [Fact]
    public async Task QuestionAnswering_OfFewPeopleWithATinyModel_PrintsFiguresAndThreeAnswers()
    {
        var (exitCode, output, error) = await ExampleProgram.Run("QuestionAnswering", "--model", "tiny", "--people", "20", "--epochs", "1");

        Assert.True(exitCode == 0, error);
        Assert.Contains("exact match", output, StringComparison.Ordinal);
        Assert.Equal(3, output.Split('\n').Count(line => line.Contains('?', StringComparison.Ordinal)));
    }

    [Fact]
    public void Make_OfPeople_GivesAnswersThatStandAtTheirIndexAndHoldsOutAFifth()
    {
        var (training, heldOut) = FactQuestions.Make(20);
        Assert.Equal((64, 16), (training.Count, heldOut.Count));
        Assert.All(training.Concat(heldOut), q => Assert.Equal(q.TrainingAnswer, q.Context.Substring(q.AnswerIndex, q.TrainingAnswer.Length)));
        Assert.Equal(training.Select(q => q.Context), FactQuestions.Make(20).Training.Select(q => q.Context));
    }

    [Theory]
    [InlineData("--people", "2")]
    [InlineData("--epochs")]
    [InlineData("--nothing")]
    public void Parse_WithBadArguments_SaysTheUsage(params string[] arguments) =>
        Assert.Contains(Arguments.Usage, Assert.Throws<ArgumentException>(() => Arguments.Parse(arguments)).Message, StringComparison.Ordinal);
}
