using ScottPlot;

namespace PretrainingHelps;

/// <summary>Draws accuracy against the share of labeled rows: a line for each start through the means, a point for each seed.</summary>
internal static class Picture
{
    private const int Width = 900;
    private const int Height = 560;

    public static void Save(Measurements measurements, IReadOnlyList<int> shares, string path)
    {
        using var plot = new Plot();
        foreach (var start in Enum.GetValues<Start>())
        {
            var known = shares.Where(share => measurements.Of(start, share).Count > 0).ToArray();
            if (known.Length == 0)
                continue;
            var line = plot.Add.Scatter(known.Select(share => (double)share).ToArray(), known.Select(share => 100 * measurements.Of(start, share).Average()).ToArray());
            line.LegendText = Program.NameOf(start);
            line.LineWidth = 2;
            foreach (var share in known)
            {
                foreach (var accuracy in measurements.Of(start, share))
                    plot.Add.Marker(share, 100 * accuracy, size: 5, color: line.Color.WithAlpha(0.5));
            }
        }

        plot.XLabel("labeled rows used, %");
        plot.YLabel("right on rows held out, %");
        plot.ShowLegend(Alignment.LowerRight);
        plot.SavePng(path, Width, Height);
    }
}
