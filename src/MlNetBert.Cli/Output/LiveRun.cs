using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace MlNetBert.Cli.Output;

/// <summary>
/// A run on a terminal: a bar with the time left, figures, and the loss so far as a curve of blocks. Drawn anew at each event.
/// </summary>
internal sealed class LiveRun : IDisposable
{
    private const int CurveWidth = 60;
    private static readonly char[] Levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<double> _losses = [];
    private readonly SortedDictionary<string, (long Step, double Accuracy)> _probes = new(StringComparer.Ordinal);
    private readonly Table _table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("name").AddColumn("value");
    private readonly Task _drawing;
    private LiveDisplayContext? _context;
    private TrainingProgress? _evaluation;

    public LiveRun(IAnsiConsole console)
    {
        var ready = new ManualResetEventSlim();
        _drawing = console.Live(_table).StartAsync(async context =>
        {
            _context = context;
            ready.Set();
            await _end.Task.ConfigureAwait(false);
        });
        ready.Wait();
    }

    public void Report(TrainingProgress value)
    {
        lock (_gate)
        {
            if (value.Loss is { } loss && double.IsFinite(loss))
                _losses.Add(loss);
            if (value.Kind == TrainingProgressKind.Evaluation)
                _evaluation = value;
            if (value.Probe is { } probe)
                _probes[probe.Name] = (value.Step, probe.Accuracy);
            Draw(value);
            _context!.Refresh();
        }
    }

    public void Dispose()
    {
        _end.TrySetResult();
        _drawing.GetAwaiter().GetResult();
    }

    /// <summary>The values as a line of blocks, the lowest at the bottom.</summary>
    internal static string Curve(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            return "";
        var width = Math.Min(CurveWidth, values.Count);
        var columns = Enumerable.Range(0, width).Select(i => values[(int)((long)i * values.Count / width)]).ToList();
        var (low, high) = (columns.Min(), columns.Max());
        return string.Concat(columns.Select(v => Levels[high > low ? (int)Math.Round((v - low) / (high - low) * (Levels.Length - 1)) : 0]));
    }

    private void Draw(TrainingProgress value)
    {
        _table.Rows.Clear();
        var share = value.TotalSteps is { } total
            ? (double)value.Step / total
            : value.Remaining is { } left ? value.Elapsed / (value.Elapsed + left) : 0;
        Row("progress",
            string.Create(CultureInfo.InvariantCulture,
                $"{new string('█', (int)(share * 40)).PadRight(40, '░')} {share:0 %}  step {value.Step}  epoch {value.Epoch:0.00}  "
                    + $"{TrainingDisplay.Left(value.Remaining)}"));
        if (value.Loss is not null)
            Row("speed",
                string.Create(CultureInfo.InvariantCulture,
                    $"{value.TokensPerSecond:#,0} tokens/s  learning rate {value.LearningRate:0.00e+0}  gradient norm "
                        + $"{value.GradientNorm:0.00}"));
        if (_losses.Count > 0)
            Row("loss", string.Create(CultureInfo.InvariantCulture, $"{Curve(_losses)} {_losses[^1]:0.000}"));
        if (_evaluation?.Evaluation is { } figures)
            Row("evaluation", string.Create(CultureInfo.InvariantCulture, $"step {_evaluation.Step}: {figures}"));
        foreach (var (name, probe) in _probes)
            Row("probe", string.Create(CultureInfo.InvariantCulture, $"step {probe.Step}: {name}  accuracy {probe.Accuracy:0.0 %}"));
        using var process = Process.GetCurrentProcess();
        Row("memory",
            string.Create(CultureInfo.InvariantCulture,
                $"{process.WorkingSet64 / 1e6:#,0} MB, at most {process.PeakWorkingSet64 / 1e6:#,0} MB"));
        if (value.Kind is TrainingProgressKind.Warning or TrainingProgressKind.Resumed or TrainingProgressKind.Started)
            Row("note", value.Message ?? "");
    }

    private void Row(string name, string text) => _table.AddRow(Safe.Text(name), Safe.Text(text));
}
