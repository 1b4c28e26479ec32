using System.Text;
using MlNetBert.Cli.Parsing;
using Spectre.Console;

namespace MlNetBert.Cli.Output;

/// <summary>Where a verb writes to: results to standard output, as JSON lines or for people; messages to standard error.</summary>
internal sealed class Session : IDisposable
{
    private const int WidthWithoutTerminal = 500;
    private readonly StreamWriter _output;
    private readonly StreamWriter _error;

    public Session(bool json, CancellationToken cancellationToken)
    {
        IsJson = json;
        CancellationToken = cancellationToken;
        _output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
        _error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true };
        Screen = Terminal(_output, Console.IsOutputRedirected);
        Messages = Terminal(_error, Console.IsErrorRedirected);
    }

    /// <summary>Whether results are JSON lines.</summary>
    public bool IsJson { get; }

    /// <summary>Is cancelled when the process is to end.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Standard output for people.</summary>
    public IAnsiConsole Screen { get; }

    /// <summary>Standard error, for progress.</summary>
    public IAnsiConsole Messages { get; }

    /// <summary>Writes a result: a line of JSON, or what a person sees.</summary>
    public void Result<T>(T result, Action<IAnsiConsole> forPeople)
    {
        if (IsJson)
            _output.Write(Json.Line(result) + "\n");
        else
            forPeople(Screen);
        _output.Flush();
    }

    /// <summary>Writes a line of JSON that is made already.</summary>
    public void Line(string json)
    {
        _output.Write(json + "\n");
        _output.Flush();
    }

    /// <summary>The options of the verb, which messages of the library are told in.</summary>
    public IReadOnlyCollection<string> Options { get; init; } = [];

    /// <summary>Says something on standard error; options are named as the verb names them (<see cref="OptionNames"/>).</summary>
    public void Say(string message) => _error.WriteLine(OptionNames.InMessage(message, Options));

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private static IAnsiConsole Terminal(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
            console.Profile.Width = WidthWithoutTerminal;
        return console;
    }
}
