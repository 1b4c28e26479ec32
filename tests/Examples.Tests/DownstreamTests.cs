using System.Globalization;
using System.Text.RegularExpressions;

namespace Examples.Tests;

public partial class DownstreamTests
{
    [Fact]
    public async Task SemanticSearch_WithItsEmbeddedIssues_FindsTheTitleThatIsAsked()
    {
        var (exitCode, output, error) = await ExampleProgram.Run("SemanticSearch", "--embedded", "Directory listing is slow on a network drive");

        Assert.True(exitCode == 0, error);
        Assert.Contains("24 titles", output, StringComparison.Ordinal);
        var answers = output.Split('\n').SkipWhile(line => line != "Directory listing is slow on a network drive").Skip(1).ToList();
        Assert.StartsWith("  1.000  IO ", answers[0], StringComparison.Ordinal);
        Assert.EndsWith("Directory listing is slow on a network drive", answers[0], StringComparison.Ordinal);
        Assert.Equal(5, answers.Count(line => line.StartsWith("  ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task OneWordTwoMeanings_WithASmallModel_TellsTheMeaningsApart()
    {
        var (exitCode, output, error) = await ExampleProgram.Run("OneWordTwoMeanings", "--embedded");

        Assert.True(exitCode == 0, error);
        var figures = Figures().Matches(output);
        Assert.Equal(2, figures.Count);
        Assert.All(figures, m => Assert.True(Number(m, "same") > Number(m, "other"), m.Value));
    }

    [Fact]
    public async Task NamedEntities_WithItsEmbeddedSentences_FindsThem()
    {
        var (exitCode, output, error) = await ExampleProgram.Run("NamedEntities", "--embedded");

        Assert.True(exitCode == 0, error);
        Assert.True(double.Parse(F1().Match(output).Groups["f1"].Value, CultureInfo.InvariantCulture) > 0.8, output);
        Assert.Contains("person", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PretrainingHelps_OfFewRows_ComparesTheStartsAndGoesOnWhereItWas()
    {
        var directory = Directory.CreateTempSubdirectory("mlnetbert-helps-").FullName;
        try
        {
            string[] arguments = ["--output", directory, "--rows", "60", "--size", "tiny", "--epochs", "1", "--fine-tuning-epochs", "1", "--seeds", "1", "--shares", "50"];
            var (exitCode, output, error) = await ExampleProgram.Run("PretrainingHelps", arguments);

            Assert.True(exitCode == 0, error);
            Assert.Single(output.Split('\n'), line => line.StartsWith("| 50 % | ", StringComparison.Ordinal) && line.Split('|').Length == 7);
            Assert.True(File.Exists(Path.Combine(directory, "pretraining-helps.png")));
            Assert.True(File.Exists(Path.Combine(directory, "encoder", "model.safetensors")));
            var results = File.ReadAllLines(Path.Combine(directory, "results.csv"));
            Assert.Equal(5, results.Length);
            Assert.Contains("a linear classifier on its vectors is right on", error, StringComparison.Ordinal);

            Assert.Equal(0, (await ExampleProgram.Run("PretrainingHelps", arguments)).ExitCode);
            Assert.Equal(results, File.ReadAllLines(Path.Combine(directory, "results.csv")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("PretrainingHelps")]
    [InlineData("NamedEntities")]
    [InlineData("SemanticSearch")]
    [InlineData("OneWordTwoMeanings")]
    public async Task Example_WithAnUnknownOption_SaysItsUsage(string name)
    {
        var (exitCode, _, error) = await ExampleProgram.Run(name, "--nothing");

        Assert.Equal(2, exitCode);
        Assert.Contains("Usage: " + name, error, StringComparison.Ordinal);
    }

    private static double Number(Match match, string name) => double.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"entity F1 (?<f1>[0-9.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex F1();

    [GeneratedRegex(@"same meaning (?<same>[0-9.-]+), other meaning (?<other>[0-9.-]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Figures();
}
