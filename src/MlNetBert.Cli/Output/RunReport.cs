using System.Globalization;
using MlNetBert.Training;
using MlNetBert.Training.Loop;

namespace MlNetBert.Cli.Output;

/// <summary>What a run would take, and what it came to.</summary>
internal static class RunReport
{
    /// <summary>Reports an estimate.</summary>
    public static void Estimate(TrainingCost cost, Session session) => session.Result(
        new
        {
            cost.Steps,
            StepS = cost.StepTime.TotalSeconds,
            cost.TokensPerSecond,
            DurationS = cost.Duration.TotalSeconds,
            PeakMemoryMb = cost.PeakMemoryBytes / 1e6,
            DiskMb = cost.DiskBytes / 1e6,
            cost.Parameters,
        },
        screen => screen.Facts(
        [
            ("parameters", Tables.Count(cost.Parameters)),
            ("steps", cost.Steps is { } steps ? Tables.Count(steps) : "as many as the time allows"),
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
            result.Steps,
            result.Tokens,
            ElapsedS = Math.Round(result.Elapsed.TotalSeconds, 3),
            TokensPerSecond = result.Tokens / result.Elapsed.TotalSeconds,
            result.Evaluation?.Loss,
            result.Evaluation?.Perplexity,
            result.Evaluation?.Accuracy,
            result.Ended,
            Output = output,
        },
        screen => screen.Facts(
        [
            ("steps", Tables.Count(result.Steps)),
            ("tokens", Tables.Count(result.Tokens)),
            ("time", Time(result.Elapsed)),
            .. result.Evaluation is not { } figures ? Array.Empty<(string, string)>() :
            [
                ("loss", Tables.Number(figures.Loss)),
                ("perplexity", Tables.Number(figures.Perplexity, "0.00")),
                ("accuracy", Tables.Number(figures.Accuracy, "0.00 %")),
            ],
            ("written to", output),
        ]));

    private static string Time(TimeSpan time) => time.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
}
