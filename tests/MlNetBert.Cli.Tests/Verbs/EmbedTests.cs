using System.Text.Json;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests.Verbs;

public class EmbedTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Fact]
    public void Embed_Json_GivesAVectorForEveryText()
    {
        var results = Tool.RunWith("the cat\n\n", null, "embed", "--model", models.Bert, "--json", "a dog", "-").IsDone().Objects;

        Assert.Equal(["a dog", "the cat", ""], results.Select(result => result.GetProperty("text").GetString()));
        Assert.All(results, result => Assert.Equal(128, result.GetProperty("embedding").GetArrayLength()));
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("cls")]
    [InlineData("max")]
    [InlineData("mean_sqrt_len_tokens")]
    [InlineData("weightedmean")]
    [InlineData("lasttoken")]
    public void Embed_Normalize_GivesLengthOneForEveryPooling(string pooling)
    {
        var plain = Vector("embed", "--model", models.ModernBert, "--pooling", pooling, "--json", "the cat sat");
        var scaled = Vector("embed", "--model", models.ModernBert, "--pooling", pooling, "--normalize", "--json", "the cat sat");

        var length = Math.Sqrt(plain.Sum(value => value * value));
        Assert.NotEqual(1, length, 1e-3);
        Assert.Equal(1, Math.Sqrt(scaled.Sum(value => value * value)), 1e-5);
        Assert.All(plain.Zip(scaled), pair => Assert.Equal(pair.First / length, pair.Second, 1e-5));
    }

    [Fact]
    public void Embed_Prompt_StandsBeforeTheText() => Assert.Equal(
        Vector("embed", "--model", models.Bert, "--json", "the cat sat"),
        Vector("embed", "--model", models.Bert, "--prompt", "the cat ", "--json", "sat"));

    [Fact]
    public void Embed_MaxLength_CutsTheText()
    {
        var whole = Vector("embed", "--model", models.Bert, "--json", "the cat");
        var cut = Vector("embed", "--model", models.Bert, "--max-length", "4", "--json", "the cat sat on the mat");

        Assert.All(whole.Zip(cut), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Embed_TextsThatAreTooLong_AreCountedAloud()
    {
        string[] lines = ["the cat", "the cat sat", .. Enumerable.Repeat("a dog", 70), "the cat sat on the mat", ""];
        string[] asked = ["embed", "--model", models.Bert, "--max-length", "5", "--json", "-"];

        var told = Tool.RunWith(string.Join('\n', lines) + "\n", null, asked).IsDone();

        Assert.Contains("Warning: 1 of 74 texts have more than 5 tokens, special tokens included; they were cut.", told.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("cut", Tool.RunWith("the cat sat\na dog\n", null, asked).IsDone().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Embed_MoreThanThePositions_IsAWrongArgument() =>
        Tool.Run("embed", "--model", models.Bert, "--max-length", "33", "a").IsFailure(2, "--max-length", "32 positions");

    [Fact]
    public void Embed_MiniLm_EqualsSentenceTransformers()
    {
        var model = TestFiles.Shared("models", "all-MiniLM-L6-v2");
        var reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(model, "reference.json"))).RootElement;
        var input = string.Concat(reference.GetProperty("texts").EnumerateArray().Select(text => text.GetString() + "\n"));

        var results = Tool.RunWith(input, null, "embed", "--model", model, "--max-length", "128", "--json", "-").IsDone().Objects;

        foreach (var (expected, actual) in reference.GetProperty("embeddings").EnumerateArray().Zip(results))
        {
            Assert.All(
                expected.EnumerateArray().Zip(actual.GetProperty("embedding").EnumerateArray()),
                pair => Assert.Equal(pair.First.GetDouble(), pair.Second.GetDouble(), 2e-5));
        }
    }

    private static List<double> Vector(params string[] arguments) =>
        [.. Tool.Run(arguments).Object.GetProperty("embedding").EnumerateArray().Select(value => value.GetDouble())];
}
