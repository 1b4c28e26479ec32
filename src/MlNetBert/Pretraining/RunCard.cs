using System.Globalization;
using MlNetBert.Diagnostics;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Models.Native;
using MlNetBert.Training.Loop;

namespace MlNetBert.Pretraining;

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

    /// <summary>The name of the model that a run started from, where it may be told: not a path of this machine.</summary>
    public static string? BaseModelOf(PretrainedModel? start) => start is null || Path.IsPathRooted(start.Source) ? null : start.Source;

    /// <summary>A text in the invariant culture.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
