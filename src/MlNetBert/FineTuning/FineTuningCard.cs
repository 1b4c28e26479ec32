using System.Globalization;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Models;
using MlNetBert.Runs;
using MlNetBert.Training.Loop;

namespace MlNetBert.FineTuning;

/// <summary>The model card of a fine-tuning run.</summary>
internal static class FineTuningCard
{
    /// <summary>Fills the card.</summary>
    /// <param name="task">What was trained.</param>
    /// <param name="pipelineTag">What the hub calls it.</param>
    /// <param name="network">The model.</param>
    /// <param name="start">What it started from.</param>
    /// <param name="training">Examples it was trained on.</param>
    /// <param name="evaluation">Examples it was evaluated on; null for none.</param>
    /// <param name="settings">The settings of the run, names and values.</param>
    /// <param name="result">What the run came to.</param>
    public static ModelCard Of(
        string task,
        string pipelineTag,
        LanguageModelModule network,
        PretrainedModel start,
        int training,
        int? evaluation,
        IReadOnlyDictionary<string, string> settings,
        TrainingResult result) => new()
        {
            ModelName = RunCard.Text($"{network.Config.ModelType}-{network.Config.Layers}x{network.Config.HiddenSize}-{pipelineTag}"),
            Summary = string.Create(
                CultureInfo.InvariantCulture,
                $"A {network.ClassName} of {network.Config.Layers} layers of width {network.Config.HiddenSize}, fine-tuned for {task} "
                    + $"with {network.Config.Labels.Count} labels."),
            BaseModel = RunCard.BaseModelOf(start),
            PipelineTag = pipelineTag,
            Tags = ["mlnet"],
            EvaluationData = evaluation is null ? null : RunCard.Text($"{evaluation} held-out examples"),
            Metrics = RunCard.Metrics(result),
            TrainingData = [
                new ModelCardEntry("Examples", RunCard.Text($"{training}")),
                new ModelCardEntry("Tokens trained on", RunCard.Text($"{result.Tokens}")),
            ],
            TrainingOptions = RunCard.Options(settings),
            TrainingFigures = RunCard.Figures(result),
            Versions = RunCard.Versions,
            Usage = $"```python\nfrom transformers import pipeline\npipeline(\"{pipelineTag}\", "
                + "model=\"DIRECTORY\")(\"…\")\n```\n\n```csharp\nusing var model = PretrainedModel.FromDirectory(\"DIRECTORY\");\n```",
        };
}
