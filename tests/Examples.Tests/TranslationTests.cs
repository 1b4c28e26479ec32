extern alias translating;

using translating::Translation;

namespace Examples.Tests;

public sealed class TranslationTests
{
    [Theory]
    [InlineData("t5")]
    [InlineData("bart")]
    public async Task Translation_OfFewPhrases_PrintsFiguresFromScratchAndAfterPretraining(string model)
    {
        string[] arguments = ["--pairs", "20", "--texts", "40", "--epochs", "2", "--pretraining-epochs", "1", "--model", model];
        var (exitCode, output, error) = await ExampleProgram.Run("Translation", arguments);

        Assert.True(exitCode == 0, error);
        Assert.Matches(@"\| from scratch \| 2 \| \d+\.\d \| \d+\.\d \|", output);
        Assert.Matches(@"\| after pretraining \| 8 \| \d+\.\d \| \d+\.\d \|", output);
        Assert.Contains($": {model}, ", output, StringComparison.Ordinal);
        Assert.Contains("20 translated phrases to learn from, 200 held out, 80 phrases of one language", output, StringComparison.Ordinal);
    }

    [Fact]
    public void All_OfTheTables_AgreesInGenderAndHoldsEveryPhraseOnce()
    {
        Assert.Equal(24 * 12 * 10 * 12, Phrases.All.Select(phrase => phrase.English).Distinct().Count());
        Phrase girl = new() { English = "The white girl sleeps in the kitchen.", Portuguese = "A menina branca dorme na cozinha." };
        Phrase horse = new()
        {
            English = "The tired horse runs under the tree.",
            Portuguese = "O cavalo cansado corre debaixo da árvore.",
        };
        Assert.Contains(girl, Phrases.All);
        Assert.Contains(horse, Phrases.All);
    }

    [Theory]
    [InlineData("--pairs", "2")]
    [InlineData("--texts", "99999")]
    [InlineData("--epochs")]
    [InlineData("--model", "gpt2")]
    [InlineData("--nothing")]
    public void Parse_WithBadArguments_SaysTheUsage(params string[] arguments) => Assert.Contains(
        Arguments.Usage, Assert.Throws<ArgumentException>(() => Arguments.Parse(arguments)).Message, StringComparison.Ordinal);
}
