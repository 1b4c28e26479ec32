using System.Runtime.InteropServices;
using MlNetBert.Cli.Native;

namespace MlNetBert.Cli;

/// <summary>
/// Turns SIGINT, SIGTERM and a reader that is gone into a cancellation. Work that has something to save gets all the time it needs; other
/// work is ended when it has not stopped after a moment. A second signal ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private volatile bool _savesState;
    private int _exitCode;
    private int _signals;
    private Timer? _timer;

    /// <summary>Starts to listen.</summary>
    public Interruption()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, ExitCodes.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, ExitCodes.Terminated)),
        ];
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>
    /// Whether the work has come to something that it saves before it stops; until then, and other work always, it may wait in a read that
    /// nothing ends.
    /// </summary>
    public bool SavesState
    {
        get => _savesState;
        set => _savesState = value;
    }

    /// <summary>What to return when the work was cancelled; 0 while no signal came.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    /// <summary>Cancels the work.</summary>
    /// <param name="exitCode">What to return then, unless it was cancelled before.</param>
    public void Stop(int exitCode)
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) != 0)
            return;
        _timer = new Timer(_ => EndUnlessItSaves(exitCode), null, Grace, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _timer?.Dispose();
        _source.Dispose();
    }

    private void EndUnlessItSaves(int exitCode)
    {
        if (!SavesState)
            ProcessEnd.Now(exitCode);
    }

    private void Handle(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
            ProcessEnd.Now(exitCode);
        Stop(exitCode);
    }
}
