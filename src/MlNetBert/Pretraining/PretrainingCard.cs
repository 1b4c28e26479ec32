using System.Globalization;
using MlNetBert.Diagnostics;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Models;
using MlNetBert.Models.Native;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Loop;

namespace MlNetBert.Pretraining;

/// <summary>The model card of a pretraining run.</summary>
internal static class PretrainingCard
{
    /// <summary>Fills the card.</summary>
    /// <param name="config">The model.</param>
    /// <param name="training">What it was trained on.</param>
    /// <param name="evaluation">What it was evaluated on; null for nothing.</param>
    /// <param name="start">What it started from; null for nothing.</param>
    /// <param name="settings">The settings of the run, names and values.</param>
    /// <param name="result">What the run came to.</param>
    public static ModelCard Of(
        ModelConfig config, IBlockSource training, IBlockSource? evaluation, PretrainedModel? start, IReadOnlyDictionary<string, string> settings, TrainingResult result) => new()
        {
            ModelName = Text($"{config.ModelType}-{config.Layers}x{config.HiddenSize}"),
            Summary = Text($"A masked language model of {config.Layers} layers of width {config.HiddenSize} with {config.VocabularySize} word pieces, ")
                + (start is null ? "pretrained from nothing." : $"pretrained further from {start.Source}."),
            BaseModel = start is null || Path.IsPathRooted(start.Source) ? null : start.Source,
            Tags = ["masked-language-modeling", "mlnet"],
            EvaluationData = evaluation is null ? null : Text($"{evaluation.Count} held-out blocks of {evaluation.BlockLength} tokens"),
            Metrics = result.Evaluation is not { } figures ? [] :
            [
                new ModelCardMetric("loss", "Masked-token cross entropy (nats)", figures.Loss),
                new ModelCardMetric("perplexity", "Masked-token perplexity", figures.Perplexity),
                new ModelCardMetric("accuracy", "Masked-token accuracy", figures.Accuracy),
            ],
            TrainingData =
            [
                new ModelCardEntry("Blocks", Text($"{training.Count} of {training.BlockLength} tokens")),
                new ModelCardEntry("Tokens trained on", Text($"{result.Tokens}")),
            ],
            TrainingOptions = [.. settings.Where(s => s.Key is not ("model" or "data" or "evaluation data" or "vocabulary")).Select(s => new ModelCardEntry(s.Key, s.Value))],
            TrainingFigures =
            [
                new ModelCardEntry("Steps", Text($"{result.Steps}")),
                new ModelCardEntry("Time", Text($"{result.Elapsed.TotalSeconds:0} s")),
                new ModelCardEntry("Tokens a second", Text($"{result.Tokens / result.Elapsed.TotalSeconds:0}")),
            ],
            Versions =
            [
                new ModelCardEntry("MlNetBert", EnvironmentReport.VersionOf(typeof(PretrainingCard).Assembly)),
                new ModelCardEntry("TorchSharp", EnvironmentReport.VersionOf(typeof(TorchSharp.torch).Assembly)),
                new ModelCardEntry("libtorch", TorchRuntime.Info?.LibTorchVersion ?? "unknown"),
                new ModelCardEntry(".NET", Environment.Version.ToString()),
            ],
            Usage = "```python\nfrom transformers import pipeline\npipeline(\"fill-mask\", model=\"DIRECTORY\")(\"… [MASK] …\")\n```\n\n```csharp\nusing var model = PretrainedModel.FromDirectory(\"DIRECTORY\");\n```",
        };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
