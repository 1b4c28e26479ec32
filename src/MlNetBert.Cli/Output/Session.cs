using System.Text;
using MlNetBert.Cli.Native;
using MlNetBert.HuggingFace;
using Spectre.Console;

namespace MlNetBert.Cli.Output;

/// <summary>Where a verb writes to: results to standard output, as JSON lines or for people; messages to standard error.</summary>
internal sealed class Session : IProgress<string>, IDisposable
{
    private const int WidthWithoutTerminal = 500;
    private readonly Interruption _interruption;
    private readonly StreamWriter _output;
    private readonly TolerantWriter _error;
    private bool _outputIsLost;

    public Session(bool json, Interruption interruption)
    {
        IsJson = json;
        _interruption = interruption;
        _output = new StreamWriter(StandardStream.OpenOutput(interruption.Token), new UTF8Encoding(false), 1 << 16);
        _error = new TolerantWriter(StandardStream.OpenError(interruption.Token));
        Screen = Terminal(_output, Console.IsOutputRedirected);
        Messages = Terminal(_error, Console.IsErrorRedirected);
    }

    /// <summary>Whether results are JSON lines.</summary>
    public bool IsJson { get; }

    /// <summary>Whether somebody sees results as they are written.</summary>
    public bool IsTerminal { get; } = !Console.IsOutputRedirected;

    /// <summary>Whether nobody reads the results any more: then nothing is said either.</summary>
    public bool IsOutputLost => _outputIsLost;

    /// <summary>Is cancelled when the process is to end.</summary>
    public CancellationToken CancellationToken => _interruption.Token;

    /// <summary>Standard output for people.</summary>
    public IAnsiConsole Screen { get; }

    /// <summary>Standard error, for progress.</summary>
    public IAnsiConsole Messages { get; }

    /// <summary>From now on there is a state that an interrupted verb saves before it stops.</summary>
    public void SavesState() => _interruption.SavesState = true;

    /// <summary>Writes a result: a line of JSON, or what a person sees.</summary>
    public void Result<T>(T result, Action<IAnsiConsole> forPeople)
    {
        if (IsJson)
            Line(Json.Line(result));
        else
            Write(() => forPeople(Screen));
    }

    /// <summary>Writes a line of JSON that is made already.</summary>
    public void Line(string json) => Write(() => _output.Write(json + "\n"));

    /// <summary>Writes a part of what a person sees as soon as it is there.</summary>
    public void Piece(string text) => Write(() => _output.Write(SafeText.WithoutControls(text)));

    /// <summary>Says the library's messages with the verb's options, as the caller wrote them.</summary>
    public Func<string, string> InShellsWords { get; init; } = message => message;

    /// <summary>Says something on standard error; options are named as the caller wrote them.</summary>
    public void Say(string message) => _error.WriteLine(Safe.Message(InShellsWords(message)));

    /// <summary>A message of the library, for <see cref="Say"/>.</summary>
    void IProgress<string>.Report(string value) => Say(value);

    // Nothing waits in the output's writer: every result is flushed, or lost.
    public void Dispose() => _error.Dispose();

    // What has state to save goes on to its next stop, which is near, and its results are lost; other work ends here.
    private void Write(Action write)
    {
        if (_outputIsLost)
            return;
        try
        {
            write();
            _output.Flush();
        }
        catch (Exception e) when (StandardStream.IsReaderGone(e)
            || (e is OperationCanceledException && CancellationToken.IsCancellationRequested))
        {
            _outputIsLost = true;
            _interruption.Stop(ExitCodes.ReaderGone);
            if (!_interruption.SavesState)
                throw new OperationCanceledException(CancellationToken);
        }
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
