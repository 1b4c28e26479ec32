using System.Globalization;
using MlNetBert.Diagnostics;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Models.Native;

namespace MlNetBert.Runs;

/// <summary>The model card of a run: what every run fills alike.</summary>
internal static class RunCard
{
    /// <summary>The card, to which a run adds what its model is.</summary>
    /// <param name="config">The model.</param>
    /// <param name="start">What it started from; null for nothing.</param>
    /// <param name="settings">The settings of the run, names and values; the model's and the data's have their own places.</param>
    /// <param name="result">What the run came to.</param>
    public static ModelCard Of(
        ModelConfig config, PretrainedModel? start, IReadOnlyDictionary<string, string> settings, TrainingResult result) => new()
        {
            ModelName = Text($"{config.ModelType}-{config.LayerCount}x{config.HiddenSize}"),
            BaseModel = start is null || Path.IsPathRooted(start.Source) ? null : start.Source, // a path of this machine is not told
            Tags = ["mlnet"],
            Metrics = Metrics(result),
            TrainingData = [new ModelCardEntry("Tokens trained on", Text($"{result.TokenCount}"))],
            TrainingOptions =
            [
                .. settings
                    .Where(s => s.Key is not ("model" or "data" or "evaluation data" or "vocabulary"))
                    .Select(s => new ModelCardEntry(s.Key, s.Value)),
            ],
            TrainingFigures =
            [
                new ModelCardEntry("Steps", Text($"{result.StepCount}")),
                new ModelCardEntry("Time", Text($"{result.Elapsed.TotalSeconds:0} s")),
                new ModelCardEntry("Tokens a second", Text($"{result.TokenCount / result.Elapsed.TotalSeconds:0}")),
            ],
            Versions =
            [
                new ModelCardEntry("MlNetBert", EnvironmentReport.VersionOf(typeof(RunCard).Assembly)),
                new ModelCardEntry("TorchSharp", EnvironmentReport.VersionOf(typeof(TorchSharp.torch).Assembly)),
                new ModelCardEntry("libtorch", TorchRuntime.Info?.LibTorchVersion ?? "unknown"),
                new ModelCardEntry(".NET", Environment.Version.ToString()),
            ],
        };

    /// <summary>Metrics of the returned weights; none where nothing was evaluated.</summary>
    /// <param name="result">What the run came to.</param>
    /// <param name="target">What they are taken over, in the singular; null where that need not be said.</param>
    /// <param name="loss">What the loss is called; null by its target.</param>
    public static IReadOnlyList<ModelCardMetric> Metrics(TrainingResult result, string? target = null, string? loss = null)
    {
        if (result.Evaluation is not { } figures)
            return [];
        string Title(string name) => target is null
            ? TitleOf(name)
            : char.ToUpperInvariant(target[0]) + target[1..].Replace(' ', '-') + " "
                + (name == MetricNames.Loss && figures.Perplexity is not null ? "cross entropy (nats)" : name);
        IEnumerable<(string Name, string Title, double? Value)> metrics =
        [
            (MetricNames.Loss, loss ?? Title(MetricNames.Loss), figures.Loss),
            (MetricNames.Perplexity, Title(MetricNames.Perplexity), figures.Perplexity),
            (MetricNames.Accuracy, Title(MetricNames.Accuracy), figures.Accuracy),
            .. figures.Metrics?.Select(metric => (metric.Key, TitleOf(metric.Key), (double?)metric.Value)) ?? [],
        ];
        return [.. metrics.Where(metric => metric.Value is not null).Select(m => new ModelCardMetric(m.Name, m.Title, m.Value!.Value))];
    }

    /// <summary>How a model is used, in Python and in C#.</summary>
    /// <param name="pipeline">The name of transformers' pipeline.</param>
    /// <param name="text">A text that it takes.</param>
    public static string Usage(string pipeline, string text) =>
        $"```python\nfrom transformers import pipeline\npipeline(\"{pipeline}\", model=\"DIRECTORY\")(\"{text}\")\n```\n\n"
            + "```csharp\nusing var model = PretrainedModel.FromDirectory(\"DIRECTORY\");\n```";

    /// <summary>How a text-to-text model is used, in Python, where transformers has no pipeline for it, and in C#.</summary>
    /// <param name="text">A text that it takes.</param>
    public static string UsageOfTextToText(string text) =>
        "```python\nfrom transformers import AutoModelForSeq2SeqLM, AutoTokenizer\n"
            + "tokenizer = AutoTokenizer.from_pretrained(\"DIRECTORY\")\nmodel = AutoModelForSeq2SeqLM.from_pretrained(\"DIRECTORY\")\n"
            + $"ids = model.generate(**tokenizer(\"{text}\", return_tensors=\"pt\"))\nprint(tokenizer.decode(ids[0]))\n```\n\n"
            + "```csharp\nusing var model = PretrainedModel.FromDirectory(\"DIRECTORY\");\n```";

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
        MetricNames.Bleu => "BLEU",
        MetricNames.Chrf => "chrF",
        MetricNames.Rouge1 => "ROUGE-1",
        MetricNames.Rouge2 => "ROUGE-2",
        MetricNames.RougeL => "ROUGE-L",
        MetricNames.Pearson => "Pearson correlation",
        MetricNames.MeanAbsoluteError => "Mean absolute error",
        _ => name,
    };
}
