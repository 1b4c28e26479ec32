using System.CommandLine;
using MlNetBert.Cli.Output;

namespace MlNetBert.Cli.Parsing;

/// <summary>A verb of the tool: its arguments, its help with examples, and what it calls in the library.</summary>
internal abstract class Verb : Command
{
    private readonly Option<bool> _json =
        new("--json") { Description = "Print one JSON object a line on standard output, and nothing else there." };

    protected Verb(string name, string description)
        : base(name, description) => SetAction(Run);

    /// <summary>Command lines to learn from, without the tool's name.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Does the work.</summary>
    /// <returns>The exit code.</returns>
    protected abstract int Run(ParseResult arguments, Session session);

    /// <summary>Adds the arguments that the verb has, and <c>--json</c> after them.</summary>
    protected void Takes(params Symbol[] symbols)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                Arguments.Add(argument);
            else
                Options.Add((Option)symbol);
        }

        Options.Add(_json);
    }

    private int Run(ParseResult arguments)
    {
        using var interruption = new Interruption();
        string[] options = [.. Options.Select(option => option.Name)];
        using var session = new Session(arguments.GetValue(_json), interruption)
        {
            InShellsWords = message => EarlierNames.AsWritten(arguments, OptionNames.InMessage(message, options)),
        };
        try
        {
            var exitCode = Run(arguments, session);
            return interruption.ExitCode == ExitCodes.ReaderGone ? ExitCodes.ReaderGone : exitCode;
        }
        catch (OperationCanceledException) when (interruption.ExitCode != 0)
        {
            return interruption.ExitCode;
        }
        catch (Exception e)
        {
            var (exitCode, message) = Failures.Describe(e, options);
            session.Say($"mlnet-bert {Name}: {message}");
            return exitCode;
        }
    }
}
