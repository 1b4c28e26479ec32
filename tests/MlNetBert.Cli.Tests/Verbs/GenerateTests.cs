using System.Text.Json;
using MlNetBert.Cli.Tests.Support;
using MlNetBert.Cli.Verbs;

namespace MlNetBert.Cli.Tests.Verbs;

public class GenerateTests(TinyModels models) : IClassFixture<TinyModels>
{
    private static readonly string[] Keys = ["text", "generated", "generated_ids", "tokens", "score", "end"];

    [Fact]
    public void Generate_Json_GivesWhatWasAddedToEachText()
    {
        var results = Tool.Run("generate", "--model", models.Causal, "--max-new-tokens", "5", "--end", "none", "--json", "the cat", "a dog").IsDone().Objects;

        Assert.Equal(["the cat", "a dog"], results.Select(result => result.GetProperty("text").GetString()));
        foreach (var result in results)
        {
            Assert.Equal(Keys, result.EnumerateObject().Select(member => member.Name));
            var ids = Ids(result);
            Assert.Equal(5, ids.Count);
            Assert.Equal(ids.Select(id => TinyModels.Pieces[id]), result.GetProperty("tokens").EnumerateArray().Select(piece => piece.GetString()!));
            Assert.InRange(result.GetProperty("score").GetDouble(), -10, 0);
            Assert.Equal("max_new_tokens", result.GetProperty("end").GetString());
        }
    }

    [Fact]
    public void Generate_ForPeople_WritesTheTextAndWhatFollows()
    {
        string[] arguments = ["generate", "--model", models.Causal, "--max-new-tokens", "6", "--temperature", "1", "--seed", "4", "the cat", "a dog"];

        var shown = Tool.Run(arguments).IsDone().Output;

        var results = Tool.Run([.. arguments[..^2], "--json", .. arguments[^2..]]).IsDone().Objects;
        Assert.Equal(string.Concat(results.Select(result => result.GetProperty("text").GetString() + result.GetProperty("generated").GetString() + "\n")), shown);
    }

    [Theory]
    [InlineData(true, false, true, null, true)]
    [InlineData(true, false, false, null, false)]
    [InlineData(true, false, true, 8, false)]
    [InlineData(true, true, true, null, false)]
    [InlineData(false, false, true, null, false)]
    public void Streams_OnlyForAReaderWhoDidNotAskForSeveralAtOnce(bool isStreamable, bool isJson, bool isTerminal, int? batchSize, bool expected) =>
        Assert.Equal(expected, GenerateVerb.Streams(isStreamable, isJson, isTerminal, batchSize));

    [Fact]
    public void Generate_StandardInput_GivesAResultForEveryLine()
    {
        var results = Tool.RunWith("the\n\na cat\n", null, "generate", models.Causal, "--max-new-tokens", "2", "--json", "-").IsDone().Objects;

        Assert.Equal(["the", "", "a cat"], results.Select(result => result.GetProperty("text").GetString()));
    }

    [Fact]
    public void Generate_SeveralBeamsOrSamples_GivesEachALineBestFirst()
    {
        var beams = Tool.Run("generate", models.Causal, "--beams", "3", "--results", "3", "--length-penalty", "0.5", "--max-new-tokens", "4", "--json", "the").IsDone().Objects;
        var samples = Tool.Run("generate", models.Causal, "--top-k", "20", "--results", "3", "--max-new-tokens", "4", "--json", "the").IsDone().Objects;

        var scores = beams.ConvertAll(result => result.GetProperty("score").GetDouble());
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal((3, 3), (beams.Count, samples.Count));
        Assert.Equal(3, beams.Select(result => result.GetProperty("generated_ids").GetRawText()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Generate_SeedWithoutSampling_IsSaidToChangeNothing()
    {
        Assert.Contains("--seed changes nothing", Tool.Run("generate", models.Causal, "--seed", "3", "--max-new-tokens", "1", "the").IsDone().Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--seed", Tool.Run("generate", models.Causal, "--seed", "3", "--top-k", "3", "--max-new-tokens", "1", "the").IsDone().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_LongPromptAndFewPositions_AreSaid()
    {
        var cut = Tool.Run("generate", models.Causal, "--max-new-tokens", "4", "--end", "none", "--json", string.Concat(Enumerable.Repeat("cat ", TinyModels.Positions + 3))).IsDone();
        var full = Tool.Run("generate", models.Causal, "--max-new-tokens", "100", "--end", "none", "--json", "cat").IsDone();

        Assert.Contains("token(s) at the beginning of a text were left out, so that the model's positions have room", cut.Error, StringComparison.Ordinal);
        Assert.Contains("--max-new-tokens", cut.Error, StringComparison.Ordinal);
        Assert.Equal(4, Ids(cut.Object).Count);
        Assert.Contains("positions are used up", full.Error, StringComparison.Ordinal);
        Assert.Equal("positions", full.Object.GetProperty("end").GetString());
    }

    [Fact]
    public void Generate_EndTokensOfTheModel_EndItAndAreReplacedByTheOption()
    {
        var model = models.Copy(models.Causal, "ends");
        var all = Ids(Tool.Run("generate", model, "--max-new-tokens", "8", "--end", "none", "--json", "the cat").Object);
        var third = all.First(id => all.IndexOf(id) >= Math.Min(2, all.Distinct().Count() - 1));
        File.WriteAllText(Path.Combine(model, "generation_config.json"), $$"""{"eos_token_id": [{{Enumerable.Range(0, 30).First(id => !all.Contains(id))}}, {{third}}]}""");

        Assert.Equal(all[..(all.IndexOf(third) + 1)], Ids(Tool.Run("generate", model, "--max-new-tokens", "8", "--json", "the cat").Object));
        Assert.Equal(all[..1], Ids(Tool.Run("generate", model, "--max-new-tokens", "8", "--end", $"{all[0]}", "--json", "the cat").Object));

        var converted = models.At("converted");
        Tool.Run("convert", model, converted).IsDone();
        Assert.Equal(all[..(all.IndexOf(third) + 1)], Ids(Tool.Run("generate", converted, "--max-new-tokens", "8", "--json", "the cat").Object));
    }

    /// <summary>Models without a tokenizer take ids, and give transformers' tokens.</summary>
    [Theory]
    [InlineData("mistral-clm")]
    [InlineData("llama-clm")]
    public void Generate_Ids_GivesTransformersTokens(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Shared("golden", "models", "generation.json")));
        var reference = json.RootElement.GetProperty("generate").GetProperty(name);
        int[] Row(string run) => [.. reference.GetProperty(run)[0].EnumerateArray().Select(id => id.GetInt32())];
        var prompt = Row("input_ids");
        string[] arguments = ["generate", "--model", TestFiles.GoldenModel(name), "--ids", string.Join(',', prompt), "--max-new-tokens", "12", "--end", "none", "--json"];

        var greedy = Tool.Run(arguments).Object;

        Assert.Equal(Row("greedy")[prompt.Length..], Ids(greedy));
        Assert.Equal(JsonValueKind.Null, greedy.GetProperty("generated").ValueKind);
        Assert.Equal(Row("beam4")[prompt.Length..], Ids(Tool.Run([.. arguments, "--beams", "4"]).Object));
        Assert.Equal(Row("greedy_repetition_1.3")[prompt.Length..], Ids(Tool.Run([.. arguments, "--repetition-penalty", "1.3"]).Object));
    }

    [Fact]
    public void Generate_ModelThatWritesNoTexts_IsRefused()
    {
        Tool.Run("generate", models.Bert, "the").IsFailure(1, "causal");
        Tool.Run("generate", TestFiles.GoldenModel("bert-mlm"), "--ids", "2,3").IsFailure(1, "causal");
        Tool.Run("generate", TestFiles.GoldenModel("llama-clm"), "--ids", "2,999").IsFailure(1, "999");
        Tool.Run("generate", TestFiles.GoldenModel("llama-clm"), "--ids", "2", "--stop", "x").IsFailure(2, "--stop");
        Tool.Run("generate", TestFiles.GoldenModel("llama-clm"), "the").IsFailure(1, "tokenizer");
    }

    private static List<int> Ids(JsonElement result) => [.. result.GetProperty("generated_ids").EnumerateArray().Select(id => id.GetInt32())];
}
