using System.Globalization;

namespace MlNetBert.Cli.Output;

/// <summary>What a run would take, and what it came to.</summary>
internal static class RunReport
{
    /// <summary>Reports an estimate.</summary>
    public static void Estimate(TrainingEstimate cost, Session session) => session.Result(
        new
        {
            Steps = cost.StepCount,
            StepS = cost.StepTime.TotalSeconds,
            cost.TokensPerSecond,
            DurationS = cost.Duration.TotalSeconds,
            PeakMemoryMb = cost.PeakMemoryBytes / 1e6,
            DiskMb = cost.DiskBytes / 1e6,
            Parameters = cost.ParameterCount,
        },
        screen => screen.Facts(
        [
            ("parameters", Tables.Count(cost.ParameterCount)),
            ("steps", cost.StepCount is { } steps ? Tables.Count(steps) : "as many as the time allows"),
            ("time per step", Tables.Number(cost.StepTime.TotalSeconds, "0.000") + " s"),
            ("tokens per second", Tables.Count((long)cost.TokensPerSecond)),
            ("the whole run", Time(cost.Duration)),
            ("memory", Tables.Number(cost.PeakMemoryBytes / 1e6, "0") + " MB"),
            ("disk", Tables.Number(cost.DiskBytes / 1e6, "0") + " MB"),
        ]));

    /// <summary>Reports the end of a run.</summary>
    public static void End(TrainingResult result, string output, Session session) => session.Result(
        new
        {
            Event = "end",
            Steps = result.StepCount,
            Tokens = result.TokenCount,
            ElapsedS = Math.Round(result.Elapsed.TotalSeconds, 3),
            TokensPerSecond = result.TokenCount / result.Elapsed.TotalSeconds,
            result.Evaluation?.Loss,
            result.Evaluation?.Perplexity,
            result.Evaluation?.Accuracy,
            result.Evaluation?.Metrics,
            Ended = result.Outcome,
            Output = output,
        },
        screen => screen.Facts(
        [
            ("steps", Tables.Count(result.StepCount)),
            ("tokens", Tables.Count(result.TokenCount)),
            ("time", Time(result.Elapsed)),
            .. result.Evaluation is { } figures ? Figures(figures) : [],
            ("written to", output),
        ]));

    /// <summary>The figures that an evaluation has, for the screen.</summary>
    public static IReadOnlyList<(string Name, string? Value)> Figures(EvaluationResult figures) =>
    [
        ("loss", Tables.Number(figures.Loss)),
        ("perplexity", figures.Perplexity is { } perplexity ? Tables.Number(perplexity, "0.00") : null),
        ("accuracy", figures.Accuracy is { } accuracy ? Tables.Number(accuracy, "0.00 %") : null),
        .. figures.Metrics?.Select(metric => (metric.Key, (string?)Tables.Number(metric.Value))) ?? [],
    ];

    private static string Time(TimeSpan time) => time.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
}
