using System.Runtime.InteropServices;

namespace MlNetBert.Cli;

/// <summary>
/// Turns SIGINT and SIGTERM into a cancellation. Work that has something to save gets all the time it needs; other work is ended when it has not stopped after a moment.
/// A second signal ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private readonly bool _savesState;
    private int _exitCode;
    private Timer? _timer;

    /// <summary>Starts to listen.</summary>
    /// <param name="savesState">Whether the work saves its state before it stops.</param>
    public Interruption(bool savesState)
    {
        _savesState = savesState;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, ExitCodes.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, ExitCodes.Terminated)),
        ];
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What to return when the work was cancelled; 0 while no signal came.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _timer?.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) != 0)
            Environment.Exit(exitCode);
        if (!_savesState)
            _timer = new Timer(_ => Environment.Exit(exitCode), null, Grace, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }
}
