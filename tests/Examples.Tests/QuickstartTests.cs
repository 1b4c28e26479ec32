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
            await AssertSameUnderEveryInstructionSet(zip);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // What a processor has, and no more than AVX2, in the tool: a process reads the variables once.
    private static async Task AssertSameUnderEveryInstructionSet(string zip)
    {
        string[] variables = ["ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "DOTNET_EnableAVX512"];
        var all = await Fill(zip, [.. variables.Select(name => (name, (string?)null))]);
        var few = await Fill(zip, [.. variables.Zip(new string?[] { "AVX2", "avx2", "0" })]);

        Assert.Equal(Question.All.Count, all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            Assert.Equal(all[i].Keys.Order(StringComparer.Ordinal), few[i].Keys.Order(StringComparer.Ordinal));
            Assert.All(all[i], candidate => Assert.Equal(candidate.Value, few[i][candidate.Key], 1e-4));
            var best = all[i].MaxBy(candidate => candidate.Value);
            Assert.Contains(best.Key, Question.All[i].Answers);
            TestContext.Current.SendDiagnosticMessage($"{Question.All[i].Text}: {best.Key} {best.Value:0.000000}, with AVX2 {few[i][best.Key]:0.000000}");
        }
    }

    /// <summary>Probabilities of the best words of each question's mask.</summary>
    private static async Task<IReadOnlyList<Dictionary<string, double>>> Fill(string zip, IReadOnlyList<(string Name, string? Value)> environment)
    {
        var (exitCode, output, error) = await ExampleProgram.Run("mlnet-bert", environment, ["fill-mask", "--model", zip, "--top", "3", "--json", .. Question.All.Select(question => question.Text)]);
        Assert.True(exitCode == 0, error);
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("masks")[0].EnumerateArray()
                .ToDictionary(candidate => candidate.GetProperty("token_str").GetString()!, candidate => candidate.GetProperty("score").GetDouble(), StringComparer.Ordinal)),
        ];
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
