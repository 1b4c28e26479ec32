using TextClassification;

namespace Examples.Tests;

public sealed class TextClassificationTests
{
    [Fact]
    public async Task TextClassification_OfFewRowsWithATinyModel_ComparesThreeWays()
    {
        var (exitCode, output, error) = await ExampleProgram.Run("TextClassification", "--model", "tiny", "--rows", "60", "--epochs", "1", "--precision", "float32");

        Assert.True(exitCode == 0, error);
        Assert.Equal(3, output.Split('\n').Count(line => line.Contains(" accuracy ", StringComparison.Ordinal) && line.Contains("log-loss", StringComparison.Ordinal)));
    }

    [Fact]
    public void Load_WithAFile_HoldsOutEveryFifth()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, ["ID\tArea\tTitle\tDescription", .. Enumerable.Range(0, 10).Select(i => $"{i}\tarea-{i % 2}\ttitle\ttext {i}")]);
            var data = IssueData.Load(file, rows: null);
            Assert.Equal(["title text 4", "title text 9"], data.Test.Select(i => i.Text));
            Assert.Equal(8, data.Training.Count);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--rows", "2")]
    [InlineData("--epochs")]
    [InlineData("--nothing")]
    public void Parse_WithBadArguments_SaysTheUsage(params string[] arguments) =>
        Assert.Contains(TextClassification.Arguments.Usage, Assert.Throws<ArgumentException>(() => TextClassification.Arguments.Parse(arguments)).Message, StringComparison.Ordinal);
}
