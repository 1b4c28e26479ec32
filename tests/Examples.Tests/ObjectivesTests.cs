extern alias objectives;

using System.Text.Json;
using objectives::Objectives;

namespace Examples.Tests;

public sealed class ObjectivesTests
{
    private static readonly string[] Keys = ["clm", "mlm", "rtd", "nsp", "sop", "plm", "t5", "bart", "hybrid"];

    [Fact]
    public async Task Objectives_AtSmallSize_FillTheTableForEveryObjectiveAndLearn()
    {
        var (exitCode, output, error) = await ExampleProgram.Run("Objectives", "--json", "--effort", "5");

        Assert.True(exitCode == 0, error);
        var outcome = JsonSerializer.Deserialize<Outcome>(output)!;
        Assert.True(outcome.Training >= 2_000);
        Assert.Equal(Keys, outcome.Rows.Select(row => row.Key));
        Assert.All(outcome.Rows, row =>
        {
            Assert.True(row.LossAfter < row.LossBefore, $"{row.Key}: {row.LossBefore} before, {row.LossAfter} after");
            Assert.InRange(row.KindsAfter, 0, 1);
            Assert.NotEmpty(row.Answers);
            Assert.Equal(row.Key == "rtd", row.Texts is null);
            Assert.Equal(row.Key is "nsp" or "sop", row.Pairs is not null);
            Assert.Equal(row.Key == "rtd", row.Found is not null);
        });
        Assert.Equal(Keys.Length, error.Split('\n').Count(line => line.StartsWith("| ", StringComparison.Ordinal)) - 1);
    }

    [Theory]
    [InlineData("clm")]
    [InlineData("mlm")]
    public async Task Objectives_AtFullSize_AnswerTheLessonsCases(string key)
    {
        var (exitCode, output, error) = await ExampleProgram.Run("Objectives", "--json", "--objectives", key);

        Assert.True(exitCode == 0, error);
        var row = Assert.Single(JsonSerializer.Deserialize<Outcome>(output)!.Rows);
        Assert.Equal(key, row.Key);
        Assert.All(row.Answers, answer => Assert.True(answer.Right, $"{answer.Asked}: {answer.Given} instead of {answer.Expected}"));
        Assert.True(row.KindsAfter > row.KindsBefore);
    }

    [Fact]
    public void Corpus_OfTheTables_HoldsNoneOfTheCasesAndSomeOfEveryKind()
    {
        var corpus = new Corpus();
        string[] all = [.. corpus.Training, .. corpus.HeldOut];

        string[] cases =
        [
            "O gato dorme no", "gato dorme no carro", "O gato subiu na árvore. Ele não conseguia descer.", "O gato preto correu rápido",
        ];
        Assert.All(cases, text => Assert.DoesNotContain(all, line => line.Contains(text, StringComparison.OrdinalIgnoreCase)));
        Assert.Contains("A capital de Portugal é Lisboa.", all);
        Assert.Contains("O cachorro subiu na árvore. Ele não conseguia descer.", all);
        Assert.Contains("O carro está na garagem. O carro é azul.", all);
        Assert.Equal(all.Length, all.Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(corpus.Quiz.Count, 5, corpus.HeldOut.Count);
        Assert.Empty(corpus.Quiz.Intersect(corpus.Training, StringComparer.Ordinal));
        string[] kinds = [.. corpus.Nouns.Select(noun => noun.Kind).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["animals", "things", "trades", "trees"], kinds);
    }

    [Theory]
    [InlineData("--objectives", "mlm,gpt")]
    [InlineData("--effort", "0")]
    [InlineData("--seed")]
    [InlineData("--nothing")]
    public void Parse_WithBadArguments_SaysTheUsage(params string[] arguments) => Assert.Contains(
        Arguments.Usage, Assert.Throws<ArgumentException>(() => Arguments.Parse(arguments, Keys)).Message, StringComparison.Ordinal);
}
