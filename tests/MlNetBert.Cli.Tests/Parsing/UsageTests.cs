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
    [MemberData(nameof(Verbs))]
    public void Help_OfEveryVerb_ShowsNoEarlierName(string verb)
    {
        var command = (Verb)CommandLine.Create().Subcommands.Single(v => v.Name == verb);
        string[] earlier = [.. command.Options.SelectMany(option => option.Aliases), .. command.Options.OfType<IEarlierOption>().Select(option => option.Name)];

        var words = Tool.Run(verb, "--help").IsDone().Output.Split((char[])[' ', ',', '\n', '.', ';', ':'], StringSplitOptions.RemoveEmptyEntries);

        Assert.Empty(words.Intersect(earlier));
    }

    [Fact]
    public void Options_OfEveryVerb_HaveOneMeaning()
    {
        foreach (var verb in CommandLine.Create().Subcommands)
        {
            var names = verb.Options.SelectMany(option => option.Aliases.Append(option.Name)).ToList();
            Assert.Equal(names.Distinct(), names);
        }
    }

    [Theory]
    [InlineData("there is no verb 'fil-mask' here. Did you mean fill-mask?", "fil-mask", "--model", "m", "t")]
    [InlineData("there is no option '--modle' here. Did you mean --model?", "fill-mask", "--modle", "m", "t")]
    [InlineData("there is no option '--tpo' here. Did you mean --top-k?", "fill-mask", "--model", "m", "--tpo", "3", "t")]
    [InlineData("there is no option '--max' here. Did you mean --max-length?", "embed", "--model", "m", "--max", "3", "t")]
    [InlineData("there is no option '--refrence=r' here. Did you mean --reference?", "verify", "m", "--refrence=r")]
    [InlineData("MODEL is required, and a TEXT.", "embed")]
    [InlineData("A TEXT is required: embed MODEL TEXT", "embed", "t")]
    [InlineData("A TEXT is required: embed MODEL TEXT", "embed", "--model", "m")]
    [InlineData("MODEL or --model MODEL is required.", "inspect")]
    [InlineData("MODEL and --model exclude each other.", "evaluate", "m", "--model", "m", "--data", "d")]
    [InlineData("MODEL and OUTPUT are required", "convert", "m")]
    [InlineData("MODEL and OUTPUT are each given once", "convert", "m", "o", "--output", "o")]
    [InlineData("--block-length and --block are the same option. Give one of them.", "evaluate", "m", "--data", "d", "--block-length", "8", "--block", "9")]
    [InlineData("--accumulate and --micro-batch-size set the same thing. Give one of them.", "bench", "--accumulate", "2", "--micro-batch-size", "4")]
    [InlineData("--warmup and --warmup-steps set the same thing.", "pretrain", "--data", "d", "--output", "o", "--warmup", "2", "--warmup-steps", "4")]
    [InlineData("--keep-remainder and --remainder set the same thing.", "pretrain", "--data", "d", "--output", "o", "--keep-remainder", "--remainder", "pad")]
    [InlineData("--learning-rate must be a finite number, such as 0.5, but is 'NaN'", "pretrain", "--data", "d", "--output", "o", "--learning-rate", "NaN")]
    [InlineData("--eval-fraction must be a finite number, such as 0.5, but is '-Infinity'", "pretrain", "--data", "d", "--output", "o", "--eval-fraction=-Infinity")]
    [InlineData("--clip must be a finite number, such as 0.5, but is '1e999'", "pretrain", "--data", "d", "--output", "o", "--clip", "1e999")]
    [InlineData("--warmup must be a number without commas", "pretrain", "--data", "d", "--output", "o", "--warmup", "0,1")]
    [InlineData("--pooling must be cls, max, mean, mean_sqrt_len_tokens, weightedmean or lasttoken, but is 'men'. Did you mean mean?", "embed", "--model", "m", "--pooling", "men", "t")]
    [InlineData("--precision must be fp32, bf16 or auto, but is 'fp23'. Did you mean fp32?", "evaluate", "--model", "m", "--data", "d", "--precision", "fp23")]
    [InlineData("--dtype must be fp32, fp16 or bf16", "convert", "m", "o", "--dtype", "int8")]
    [InlineData("--top must be at least 1, but is 0", "fill-mask", "--model", "m", "--top", "0", "t")]
    [InlineData("--weight-decay must be a number without commas, such as 0.5, but is '0,01'", "pretrain", "--data", "d", "--output", "o", "--weight-decay", "0,01")]
    [InlineData("--eval-share must be a number without commas", "pretrain", "--data", "d", "--output", "o", "--eval-share", "0,05")]
    [InlineData("as a whole number", "fill-mask", "--model", "m", "--top", "few", "t")]
    [InlineData("MODEL or --tokenizer DIR|FILE is required, and a TEXT.", "tokenize")]
    [InlineData("--model and --vocabulary exclude each other", "tokenize", "--model", "m", "--vocabulary", "v", "t")]
    [InlineData("--cased goes with --tokenizer", "tokenize", "--model", "m", "--cased", "t")]
    [InlineData("--data FILE or --masked-data FILE is required", "evaluate", "--model", "m")]
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
