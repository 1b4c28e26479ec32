using ScottPlot;

namespace MlNetBert.Plotting;

/// <summary>Draws the curves of a run: training and evaluation loss, the learning rate, and what probes measured.</summary>
public static class TrainingCurves
{
    private const int Width = 1000;
    private const int Height = 600;

    /// <summary>Saves a picture of a history; probes have an axis of their own where there are any.</summary>
    /// <param name="history">The history.</param>
    /// <param name="path">The PNG file; replaced.</param>
    public static void Save(TrainingHistory history, string path)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var plot = new Plot();
        Line(plot, "training loss", history.Where(r => r.TrainingLoss is not null).Select(r => (r.Step, r.TrainingLoss!.Value)),
            plot.Axes.Left);
        Line(plot, "evaluation loss", history.Where(r => r.EvaluationLoss is not null).Select(r => (r.Step, r.EvaluationLoss!.Value)),
            plot.Axes.Left);
        Line(plot, "learning rate", history.Where(r => r.LearningRate is not null).Select(r => (r.Step, r.LearningRate!.Value)),
            plot.Axes.Right);
        var probes = history.Where(r => r is { Probe: not null, ProbeAccuracy: not null }).ToLookup(r => r.Probe!, StringComparer.Ordinal);
        if (probes.Count > 0)
        {
            var share = plot.Axes.AddRightAxis();
            share.LabelText = "probe's accuracy";
            foreach (var probe in probes)
                Line(plot, "probe " + probe.Key, probe.Select(r => (r.Step, r.ProbeAccuracy!.Value)), share);
        }

        plot.XLabel("step");
        plot.YLabel("loss (nats per token)");
        plot.Axes.Right.Label.Text = "learning rate";
        plot.ShowLegend(Alignment.UpperRight);
        HuggingFace.AtomicFile.WriteAllBytes(path, plot.GetImageBytes(Width, Height, ImageFormat.Png));
    }

    private static void Line(Plot plot, string name, IEnumerable<(long Step, double Value)> points, IYAxis axis)
    {
        var finite = points.Where(p => double.IsFinite(p.Value)).ToArray();
        if (finite.Length == 0)
            return;
        var line = plot.Add.Scatter(finite.Select(p => (double)p.Step).ToArray(), finite.Select(p => p.Value).ToArray());
        line.LegendText = name;
        line.MarkerSize = finite.Length > 50 ? 0 : 5;
        line.Axes.YAxis = axis;
    }
}
