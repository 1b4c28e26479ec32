using System.Globalization;
using MlNetBert.Diagnostics;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Models.Native;
using MlNetBert.Training;
using MlNetBert.Training.Loop;

namespace MlNetBert.Runs;

/// <summary>The parts of a model card that every run fills alike.</summary>
internal static class RunCard
{
    /// <summary>Versions of what trained the model.</summary>
    public static IReadOnlyList<ModelCardEntry> Versions =>
    [
        new("MlNetBert", EnvironmentReport.VersionOf(typeof(RunCard).Assembly)),
        new("TorchSharp", EnvironmentReport.VersionOf(typeof(TorchSharp.torch).Assembly)),
        new("libtorch", TorchRuntime.Info?.LibTorchVersion ?? "unknown"),
        new(".NET", Environment.Version.ToString()),
    ];

    /// <summary>The settings of a run; the model's and the data's have their own places.</summary>
    public static IReadOnlyList<ModelCardEntry> Options(IReadOnlyDictionary<string, string> settings) =>
        [
            .. settings
                .Where(s => s.Key is not ("model" or "data" or "evaluation data" or "vocabulary"))
                .Select(s => new ModelCardEntry(s.Key, s.Value)),
        ];

    /// <summary>Steps, time and speed.</summary>
    public static IReadOnlyList<ModelCardEntry> Figures(TrainingResult result) =>
    [
        new("Steps", Text($"{result.Steps}")),
        new("Time", Text($"{result.Elapsed.TotalSeconds:0} s")),
        new("Tokens a second", Text($"{result.Tokens / result.Elapsed.TotalSeconds:0}")),
    ];

    /// <summary>Metrics of the returned weights; none where nothing was evaluated.</summary>
    /// <param name="result">What the run came to.</param>
    /// <param name="target">What they are taken over, in the singular; null where that need not be said.</param>
    public static IReadOnlyList<ModelCardMetric> Metrics(TrainingResult result, string? target = null)
    {
        if (result.Evaluation is not { } figures)
            return [];
        string Title(string name) => target is null
            ? TitleOf(name)
            : char.ToUpperInvariant(target[0]) + target[1..].Replace(' ', '-') + " "
                + (name == MetricNames.Loss && figures.Perplexity is not null ? "cross entropy (nats)" : name);
        IEnumerable<(string Name, string Title, double? Value)> metrics =
        [
            (MetricNames.Loss, Title(MetricNames.Loss), figures.Loss),
            (MetricNames.Perplexity, Title(MetricNames.Perplexity), figures.Perplexity),
            (MetricNames.Accuracy, Title(MetricNames.Accuracy), figures.Accuracy),
            .. figures.Metrics?.Select(metric => (metric.Key, TitleOf(metric.Key), (double?)metric.Value)) ?? [],
        ];
        return [.. metrics.Where(metric => metric.Value is not null).Select(m => new ModelCardMetric(m.Name, m.Title, m.Value!.Value))];
    }

    /// <summary>The name of the model that a run started from, where it may be told: not a path of this machine.</summary>
    public static string? BaseModelOf(PretrainedModel? start) => start is null || Path.IsPathRooted(start.Source) ? null : start.Source;

    /// <summary>A text in the invariant culture.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string TitleOf(string name) => name switch
    {
        MetricNames.Loss => "Loss",
        MetricNames.Perplexity => "Perplexity",
        MetricNames.Accuracy => "Accuracy",
        MetricNames.F1 => "F1",
        MetricNames.Precision => "Precision",
        MetricNames.Recall => "Recall",
        MetricNames.ExactMatch => "Exact match",
        MetricNames.Pearson => "Pearson correlation",
        MetricNames.MeanAbsoluteError => "Mean absolute error",
        _ => name,
    };
}
