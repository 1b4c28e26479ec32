using System.Globalization;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Training;
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
        ModelConfig config,
        IBlockSource training,
        IBlockSource? evaluation,
        PretrainedModel? start,
        IReadOnlyDictionary<string, string> settings,
        TrainingResult result) => new()
        {
            ModelName = RunCard.Text($"{config.ModelType}-{config.Layers}x{config.HiddenSize}"),
            Summary = string.Create(
                CultureInfo.InvariantCulture,
                $"A masked language model of {config.Layers} layers of width {config.HiddenSize} with "
                    + $"{config.VocabularySize} word pieces, ")
                + (start is null ? "pretrained from nothing." : $"pretrained further from {start.Source}."),
            BaseModel = RunCard.BaseModelOf(start),
            Tags = ["masked-language-modeling", "mlnet"],
            EvaluationData =
                evaluation is null ? null : RunCard.Text($"{evaluation.Count} held-out blocks of {evaluation.BlockLength} tokens"),
            Metrics = result.Evaluation is not { } figures ? [] :
            [
                new ModelCardMetric(MetricNames.Loss, "Masked-token cross entropy (nats)", figures.Loss),
                new ModelCardMetric(MetricNames.Perplexity, "Masked-token perplexity", figures.Perplexity ?? Math.Exp(figures.Loss)),
                new ModelCardMetric(MetricNames.Accuracy, "Masked-token accuracy", figures.Accuracy!.Value),
            ],
            TrainingData =
            [
                new ModelCardEntry("Blocks", RunCard.Text($"{training.Count} of {training.BlockLength} tokens")),
                new ModelCardEntry("Tokens trained on", RunCard.Text($"{result.Tokens}")),
            ],
            TrainingOptions = RunCard.Options(settings),
            TrainingFigures = RunCard.Figures(result),
            Versions = RunCard.Versions,
            Usage = "```python\nfrom transformers import pipeline\npipeline(\"fill-mask\", model=\"DIRECTORY\")(\"… [MASK] "
                + "…\")\n```\n\n```csharp\nusing var model = PretrainedModel.FromDirectory(\"DIRECTORY\");\n```",
        };
}
