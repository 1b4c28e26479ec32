using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

/// <summary>Texts that would steer a terminal, or that look like markup: they are shown, and not followed.</summary>
public class TerminalTests(TinyModels models) : IClassFixture<TinyModels>
{
    private const string Hostile = "the \u001b[2J\u009b31m\u0007\r\u202e [red]cat[/] [[";

    [Theory]
    [InlineData("tokenize")]
    [InlineData("fill-mask")]
    [InlineData("generate")]
    [InlineData("embed")]
    [InlineData("inspect")]
    [InlineData("train-vocabulary")]
    public void Verb_HostileTextsAndFiles_WriteNoControlCharacters(string verb)
    {
        var model = models.Copy(verb == "generate" ? models.Causal : models.Bert, $"hostile-{verb}");
        var tokenizer = Path.Combine(model, "tokenizer.json");
        File.WriteAllText(tokenizer, File.ReadAllText(tokenizer).Replace("\"cat\"", "\"\\u001b[2J\"", StringComparison.Ordinal)); // a piece
        var text = models.At($"{verb}\u001b[2J.jsonl");
        File.WriteAllText(text, "{\"te\\u001b[2Jxt\": 1}\n");
        string[] arguments = verb switch
        {
            "inspect" => [verb, model],
            "train-vocabulary" => [verb, "--data", text, "--output", models.At("none.txt")],
            "fill-mask" => [verb, "--model", model, Hostile + "[MASK]"],
            _ => [verb, "--model", model, Hostile],
        };

        var result = Tool.Run(arguments);

        Assert.DoesNotContain(result.Output + result.Error, character => (char.IsControl(character) && character is not ('\n' or '\t')) || character is '\u202e');
        Assert.DoesNotContain("Spectre", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_HostileText_EscapesIt()
    {
        var result = Tool.Run("tokenize", "--model", models.Bert, "--json", Hostile).IsDone();

        Assert.DoesNotContain(result.Output, character => char.IsControl(character) && character is not '\n');
        Assert.Equal(Hostile, result.Object.GetProperty("text").GetString());
    }

    [Fact]
    public void Arguments_HostileNames_AreShownWithEscapes() => Assert.DoesNotContain('\u001b', Tool.Run("tokenize", "--\u001b[2J").Error + Tool.Run("\u001b[2J").Error + Tool.Run("embed", "--model", "\u001b[2J", "a").Error);
}
