using MlNetBert.Cli.Parsing;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests.Parsing;

public class UsageTests
{
    public static TheoryData<string> Verbs => [.. CommandLine.Create().Subcommands.Select(verb => verb.Name)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Help_OfEveryVerb_ShowsExamplesThatParse(string verb)
    {
        var result = Tool.Run(verb, "--help").IsDone();

        Assert.Contains($"mlnet-bert {verb} ", result.Output.Split("Example")[^1] + " ", StringComparison.Ordinal);
        Assert.Contains("--json", result.Output, StringComparison.Ordinal);
        foreach (var example in ((Verb)CommandLine.Create().Subcommands.Single(v => v.Name == verb)).Examples)
        {
            var arguments = System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(example.Split(" < ")[0]).ToList();
            Assert.Empty(CommandLine.Create().Parse(arguments).Errors);
        }
    }

    [Fact]
    public void Help_OfTheTool_ListsTheVerbs()
    {
        var result = Tool.Run("--help").IsDone();

        Assert.All(CommandLine.Create().Subcommands, verb => Assert.Contains(verb.Name, result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("there is no verb 'fil-mask' here. Did you mean fill-mask?", "fil-mask", "--model", "m", "t")]
    [InlineData("there is no option '--modle' here. Did you mean --model?", "fill-mask", "--modle", "m", "t")]
    [InlineData("there is no option '--tpo' here. Did you mean --top?", "fill-mask", "--model", "m", "--tpo", "3", "t")]
    [InlineData("there is no option '--max' here. Did you mean --max-length?", "embed", "--model", "m", "--max", "3", "t")]
    [InlineData("there is no option '--refrence=r' here. Did you mean --reference?", "verify", "m", "--refrence=r")]
    [InlineData("Option '--model' is required", "embed", "t")]
    [InlineData("TEXT", "embed", "--model", "m")]
    [InlineData("--pooling must be mean, cls or max, but is 'men'. Did you mean mean?", "embed", "--model", "m", "--pooling", "men", "t")]
    [InlineData("--precision must be fp32, bf16 or auto, but is 'fp23'. Did you mean fp32?", "evaluate", "--model", "m", "--data", "d", "--precision", "fp23")]
    [InlineData("--dtype must be fp32, fp16 or bf16", "convert", "m", "o", "--dtype", "int8")]
    [InlineData("--top must be at least 1, but is 0", "fill-mask", "--model", "m", "--top", "0", "t")]
    [InlineData("--weight-decay must be a number without commas, such as 0.5, but is '0,01'", "pretrain", "--data", "d", "--output", "o", "--weight-decay", "0,01")]
    [InlineData("--eval-share must be a number without commas", "pretrain", "--data", "d", "--output", "o", "--eval-share", "0,05")]
    [InlineData("as a whole number", "fill-mask", "--model", "m", "--top", "few", "t")]
    [InlineData("--model MODEL or --vocabulary F is required", "tokenize", "t")]
    [InlineData("--model and --vocabulary exclude each other", "tokenize", "--model", "m", "--vocabulary", "v", "t")]
    [InlineData("--cased goes with --vocabulary", "tokenize", "--model", "m", "--cased", "t")]
    [InlineData("--data F or --masked F is required", "evaluate", "--model", "m")]
    [InlineData("--block goes with --data", "evaluate", "--model", "m", "--masked", "f", "--block", "8")]
    [InlineData("Required command", "--verbose")]
    public void Run_WrongArguments_SaysWhatIsWrongAndReturnsTwo(string said, params string[] arguments)
    {
        var result = Tool.Run(arguments);

        if (said != "Required command")
            result.IsFailure(2, said, "--help");
        else
            Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
    }
}
