using System.Globalization;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Models;
using MlNetBert.Runs;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Loop;

namespace MlNetBert.Pretraining;

/// <summary>The model card of a pretraining run.</summary>
internal static class PretrainingCard
{
    /// <summary>Fills the card.</summary>
    /// <param name="texts">What the objective says of its models.</param>
    /// <param name="config">The model.</param>
    /// <param name="training">What it was trained on.</param>
    /// <param name="evaluation">What it was evaluated on; null for nothing.</param>
    /// <param name="start">What it started from; null for nothing.</param>
    /// <param name="settings">The settings of the run, names and values.</param>
    /// <param name="result">What the run came to.</param>
    public static ModelCard Of(
        PretrainingCardTexts texts,
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
                $"{texts.Model} of {config.Layers} layers of width {config.HiddenSize} with "
                    + $"{config.VocabularySize} word pieces, ")
                + (start is null ? "pretrained from nothing." : $"pretrained further from {start.Source}."),
            BaseModel = RunCard.BaseModelOf(start),
            Tags = [texts.Tag, "mlnet"],
            EvaluationData =
                evaluation is null ? null : RunCard.Text($"{evaluation.Count} held-out blocks of {evaluation.BlockLength} tokens"),
            Metrics = RunCard.Metrics(result, texts.Target),
            TrainingData =
            [
                new ModelCardEntry("Blocks", RunCard.Text($"{training.Count} of {training.BlockLength} tokens")),
                new ModelCardEntry("Tokens trained on", RunCard.Text($"{result.Tokens}")),
            ],
            TrainingOptions = RunCard.Options(settings),
            TrainingFigures = RunCard.Figures(result),
            Versions = RunCard.Versions,
            Usage = texts.Usage,
        };
}
