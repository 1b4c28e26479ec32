using System.CommandLine;
using System.CommandLine.Invocation;

namespace MlNetBert.Cli.Parsing;

/// <summary>The usual help, with a verb's examples after it.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        EarlierNames.Hide(parseResult.CommandResult.Command);
        var exitCode = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is Verb verb)
        {
            output.WriteLine(verb.Examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in verb.Examples)
                output.WriteLine($"  mlnet-bert {example}");
        }
        else
        {
            output.WriteLine("`mlnet-bert VERB --help` shows a verb's options and examples.");
            output.WriteLine("Exit codes: 0 done, 1 the work failed, 2 wrong arguments, 130 / 143 interrupted, 141 the reader is gone.");
        }

        return exitCode;
    }
}
