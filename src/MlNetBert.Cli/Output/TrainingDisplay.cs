using System.Globalization;
using MlNetBert.Training.Metrics;

namespace MlNetBert.Cli.Output;

/// <summary>
/// Shows a run: JSON lines on standard output where they were asked for; on standard error a live picture on a terminal, plain lines
/// elsewhere.
/// </summary>
internal sealed class TrainingDisplay : IProgress<TrainingProgress>, IDisposable
{
    private readonly Session _session;
    private readonly LiveRun? _live;

    private TrainingDisplay(Session session)
    {
        _session = session;
        _live = session.Messages.Profile.Capabilities.Interactive ? new LiveRun(session.Messages) : null;
    }

    public static TrainingDisplay For(Session session) => new(session);

    public void Report(TrainingProgress value)
    {
        _session.SavesState(); // training has begun
        if (_live is not null)
            _live.Report(value);
        else if (value.Kind != TrainingProgressKind.Checkpoint
            || (_session.CancellationToken.IsCancellationRequested && !_session.IsOutputLost))
            _session.Say(Describe(value));
        if (_session.IsJson && value.Kind is TrainingProgressKind.Log or TrainingProgressKind.Evaluation or TrainingProgressKind.Probe)
            _session.Line(MetricsFile.Format(value));
    }

    public void Dispose() => _live?.Dispose();

    /// <summary>An event as a line for people.</summary>
    public static string Describe(TrainingProgress value)
    {
        var step = string.Create(CultureInfo.InvariantCulture, $"step {value.Step}{(value.TotalSteps is { } total ? $"/{total}" : "")}");
        return value.Kind switch
        {
            TrainingProgressKind.Log => string.Create(
                CultureInfo.InvariantCulture,
                $"{step}  loss {value.Loss:0.000}  learning rate {value.LearningRate:0.00e+0}  {value.TokensPerSecond:#,0} "
                    + $"tokens/s  {Left(value.Remaining)}"),
            TrainingProgressKind.Evaluation => $"{step}  evaluation: {value.Evaluation}",
            TrainingProgressKind.Probe =>
                string.Create(CultureInfo.InvariantCulture, $"{step}  probe {value.Probe!.Name}: accuracy {value.Probe.Accuracy:0.0 %}"),
            TrainingProgressKind.Resumed => $"Going on from {value.Message}: {step}.",
            TrainingProgressKind.Checkpoint => $"{step}  saving to {value.Message}",
            TrainingProgressKind.Warning => $"Warning: {value.Message}",
            _ => value.Message ?? "",
        };
    }

    internal static string Left(TimeSpan? remaining) => remaining is { } time
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00} left")
        : "";
}
