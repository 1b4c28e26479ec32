using System.Globalization;
using MlNetBert.Benchmarking;
using MlNetBert.Diagnostics;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarks;

/// <summary>Prints figures as rows of Markdown.</summary>
internal static class Report
{
    /// <summary>What the figures were measured on.</summary>
    public static void Machine()
    {
        var report = EnvironmentReport.Collect();
        var name = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
        Line($"{name ?? report.Architecture}, {report.Processors} processors, {report.MemoryBytes / 1e9:0} GB, {report.OperatingSystem}; libtorch {report.Torch?.LibTorchVersion}, {report.Threads} threads; bfloat16 in hardware: {(report.ProcessorMultipliesBFloat16 ? "yes" : "no")}");
        Line($"products [2048, 768] × [768, 3072]: fp32 {ProductPeak.Measure(ScalarType.Float32):0} GFLOP/s, bf16 {ProductPeak.Measure(ScalarType.BFloat16):0} GFLOP/s");
    }

    public static void Head(string title, params string[] columns)
    {
        Line($"\n## {title}\n");
        Row(columns);
        Row([.. columns.Select(_ => "---")]);
    }

    public static void Row(params string[] cells) => Line($"| {string.Join(" | ", cells)} |");

    public static string Number(double value, string format = "0.00") => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>The median, with the smallest and the largest beside it.</summary>
    public static string Spread(IReadOnlyList<double> values, string format = "0.00") => $"{Number(Median(values), format)} ({Number(values.Min(), format)}–{Number(values.Max(), format)})";

    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
