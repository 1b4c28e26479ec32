using System.Text.Json;
using Quickstart;

namespace Examples.Tests;

/// <summary>The one run of the README's first command.</summary>
public sealed class QuickstartTests
{
    [Fact]
    public async Task Quickstart_RunOnce_LearnsAndFillsTheSixSentencesRightly()
    {
        var directory = Directory.CreateTempSubdirectory("mlnetbert-quickstart-").FullName;
        try
        {
            var zip = Path.Combine(directory, "model.zip");
            var (exitCode, output, error) = await ExampleProgram.Run("Quickstart", "--json", "--output", zip);

            Assert.True(exitCode == 0, error);
            var outcome = JsonSerializer.Deserialize<Outcome>(output)!;
            Assert.True(outcome.Sentences >= 4_000);
            Assert.True(outcome.PerplexityAfter * 10 <= outcome.PerplexityBefore, $"perplexity {outcome.PerplexityBefore} before, {outcome.PerplexityAfter} after");
            Assert.Equal(Question.All.Select(q => q.Text), outcome.Answers.Select(a => a.Text));
            Assert.All(outcome.Answers.Zip(Question.All), pair =>
            {
                Assert.Contains(pair.First.Words[0], pair.Second.Answers);
                Assert.True(pair.First.Right);
                Assert.Equal(pair.First.Scores.OrderDescending(), pair.First.Scores);
            });
            Assert.True(new FileInfo(zip).Length > 100_000);
            Assert.Contains("tokens/s", error, StringComparison.Ordinal);
            Assert.Contains(" left", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("--sead", "--sead")]
    [InlineData("--seed", "needs a value")]
    public void Parse_WithBadArguments_SaysWhatIsWrongAndTheUsage(string argument, string expected)
    {
        var exception = Assert.Throws<ArgumentException>(() => Settings.Parse([argument]));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains(Settings.Usage, exception.Message, StringComparison.Ordinal);
    }
}
