using Microsoft.ML.Runtime;

namespace MlNetBert.Runs;

/// <summary>
/// A token that is canceled soon after ML.NET's host is, which has a flag alone: it is looked at ten times a second and at every event.
/// </summary>
internal sealed class HostCancellation : IProgress<TrainingProgress>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ICancelable? _host;
    private readonly IProgress<TrainingProgress> _progress;
    private readonly CancellationTokenSource _source = new();
    private readonly Timer? _asking;

    /// <summary>Begins to look.</summary>
    /// <param name="host">The host; null for one that cannot be canceled.</param>
    /// <param name="progress">Where events go on to.</param>
    public HostCancellation(ICancelable? host, IProgress<TrainingProgress> progress)
    {
        _host = host;
        _progress = progress;
        _asking = host is null ? null : new Timer(_ => Ask(), null, Interval, Interval);
    }

    public CancellationToken Token => _source.Token;

    public void Report(TrainingProgress value)
    {
        Ask();
        _progress.Report(value);
    }

    public void Dispose()
    {
        _asking?.Dispose();
        _source.Dispose();
    }

    private void Ask()
    {
        try
        {
            if (_host?.IsCanceled == true)
                _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has just ended.
        }
    }
}
