using System.Text.Json;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests.Verbs;

public class FillMaskTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Fact]
    public void FillMask_Json_GivesAListForEveryMask()
    {
        var results = Tool.Run("fill-mask", "--model", models.Bert, "--top", "3", "--json", "the [MASK] sat.", "a [MASK] on the [MASK]", "no mask").IsDone().Objects;

        Assert.Equal([1, 2, 0], results.Select(result => result.GetProperty("masks").GetArrayLength()));
        foreach (var candidates in results.SelectMany(result => result.GetProperty("masks").EnumerateArray()))
        {
            Assert.Equal(3, candidates.GetArrayLength());
            var scores = candidates.EnumerateArray().Select(candidate => candidate.GetProperty("score").GetDouble()).ToList();
            Assert.Equal(scores.OrderDescending(), scores);
            Assert.All(scores, score => Assert.InRange(score, 0, 1));
        }

        var best = results[1].GetProperty("masks")[1][0];
        Assert.Equal(TinyModels.Pieces[best.GetProperty("token").GetInt32()], best.GetProperty("token_str").GetString());
        Assert.StartsWith("a [MASK] on the", best.GetProperty("sequence").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FillMask_LowerCaseMaskAndUnknownWords_AreKept()
    {
        var result = Tool.Run("fill-mask", "--model", models.Bert, "--targets", "cat", "--json", "The \u2603 [mask]").Object;

        var best = Assert.Single(result.GetProperty("masks").EnumerateArray())[0];
        Assert.Equal(("cat", "the [UNK] cat"), (best.GetProperty("token_str").GetString(), best.GetProperty("sequence").GetString()));
    }

    [Fact]
    public void FillMask_Targets_KeepTheirShareOfTheVocabularyAndUnknownOnesAreSaid()
    {
        var all = Tool.Run("fill-mask", "--model", models.ModernBert, "--top", "30", "--json", "the [MASK]").Object.GetProperty("masks")[0].EnumerateArray().ToList();

        var result = Tool.Run("fill-mask", "--model", models.ModernBert, "--targets", "dog,cats,rug", "--json", "the [MASK]");

        var chosen = result.Object.GetProperty("masks")[0].EnumerateArray().ToList();
        Assert.Equal(["cat", "dog", "rug"], chosen.Select(candidate => candidate.GetProperty("token_str").GetString()!).Order(StringComparer.Ordinal));
        foreach (var candidate in chosen)
        {
            var same = all.Single(other => other.GetProperty("token").GetInt32() == candidate.GetProperty("token").GetInt32());
            Assert.Equal(same.GetProperty("score").GetDouble(), candidate.GetProperty("score").GetDouble(), 1e-6);
        }

        Assert.Contains("'cats'", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("'dog'", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, all.Sum(candidate => candidate.GetProperty("score").GetDouble()), 1e-5);
    }

    [Fact]
    public void FillMask_StandardInput_GivesAResultForEveryLine()
    {
        var results = Tool.RunWith("the [MASK]\n\na [MASK]\n", null, "fill-mask", "--model", models.Bert, "--json", "-").IsDone().Objects;

        Assert.Equal(["the [MASK]", "", "a [MASK]"], results.Select(result => result.GetProperty("text").GetString()));
        Assert.Equal([1, 0, 1], results.Select(result => result.GetProperty("masks").GetArrayLength()));
    }

    [Fact]
    public void FillMask_ForPeople_ShowsTheCandidates() =>
        Assert.Contains("sequence", Tool.Run("fill-mask", "--model", models.Bert, "the [MASK]").IsDone().Output, StringComparison.Ordinal);

    [Fact]
    public void FillMask_EmptyTargets_AreWrong() => Tool.Run("fill-mask", "--model", models.Bert, "--targets", ",", "the [MASK]").IsFailure(2, "--targets");

    [Fact]
    public void FillMask_BFloat16_IsNearFloat32()
    {
        var exact = Tool.Run("fill-mask", "--model", models.Bert, "--json", "the [MASK]").Object.GetProperty("masks")[0][0].GetProperty("score").GetDouble();
        var rounded = Tool.Run("fill-mask", "--model", models.Bert, "--precision", "bf16", "--json", "the [MASK]").Object.GetProperty("masks")[0][0].GetProperty("score").GetDouble();

        Assert.NotEqual(exact, rounded);
        Assert.Equal(exact, rounded, 0.02);
    }

    [Theory]
    [InlineData("curve")]
    [InlineData("curve-modern")]
    public void FillMask_GoldenModel_EqualsHuggingFace(string name)
    {
        var reference = JsonDocument.Parse(File.ReadAllText(TestFiles.Shared("golden", name, "reference.json"))).RootElement.GetProperty("fill_mask").EnumerateArray()
            .Where(entry => !entry.TryGetProperty("targets", out var targets) || targets.ValueKind == JsonValueKind.Null).ToList();
        var input = string.Concat(reference.Select(entry => entry.GetProperty("text").GetString() + "\n"));

        var results = Tool.RunWith(input, null, "fill-mask", "--model", TestFiles.Shared("golden", name, "model"), "--json", "-").IsDone().Objects;

        foreach (var (expected, actual) in reference.Zip(results))
        {
            var masks = expected.GetProperty("result").EnumerateArray().ToList();
            Assert.Equal(masks.Count, actual.GetProperty("masks").GetArrayLength());
            foreach (var (theirs, ours) in masks.SelectMany(m => m.EnumerateArray()).Zip(actual.GetProperty("masks").EnumerateArray().SelectMany(m => m.EnumerateArray())))
            {
                Assert.Equal(theirs.GetProperty("token").GetInt32(), ours.GetProperty("token").GetInt32());
                Assert.Equal(theirs.GetProperty("score").GetDouble(), ours.GetProperty("score").GetDouble(), 1e-5);
                Assert.Equal(theirs.GetProperty("token_str").GetString(), ours.GetProperty("token_str").GetString());
                if (masks.Count == 1)
                    Assert.Equal(theirs.GetProperty("sequence").GetString(), ours.GetProperty("sequence").GetString());
            }
        }
    }
}
