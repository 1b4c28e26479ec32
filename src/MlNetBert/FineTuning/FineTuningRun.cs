using MlNetBert.HuggingFace.Cards;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Runs;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.FineTuning;

/// <summary>One fine-tuning run: a task's objective on the training loop, from a checkpoint to a shared model.</summary>
/// <param name="task">What is trained.</param>
/// <param name="training">Examples to train on.</param>
/// <param name="evaluation">Examples to evaluate on; null for none.</param>
/// <param name="start">The checkpoint.</param>
/// <param name="options">How to train.</param>
/// <param name="seed">The seed where the options have none.</param>
/// <param name="told">Gets which weights the checkpoint lacks.</param>
internal sealed class FineTuningRun<TModel, TLabel>(
    FineTuningTask<TModel, TLabel> task, SequenceExamples<TLabel> training, SequenceExamples<TLabel>? evaluation, PretrainedModel start,
    FineTuningOptions options, int seed, Action<string> told)
    : TrainingRun(
        options,
        task.Configure(
            options.Dropout is { } dropout ? start.Config.WithDropout(dropout) : start.Config,
            start.Find<TModel>() is not null),
        start)
    where TModel : LanguageModelModule
{
    private const int BatchSize = 16;
    private const int NarrowModel = 512;

    private PretrainedModel Checkpoint => Start!;

    private bool HasHead => Checkpoint.Find<TModel>() is not null;

    private bool KeepsHead => HasHead && Checkpoint.Config.Labels.SequenceEqual(Configuration.Labels, StringComparer.Ordinal);

    /// <summary>What is worth a warning before the run.</summary>
    public IEnumerable<string> Warnings()
    {
        foreach (var warning in Checkpoint.Shared.TakeWarnings())
            yield return warning;
        if (HasHead && !KeepsHead)
        {
            yield return $"The checkpoint's head has the labels {Show(Checkpoint.Config.Labels)}, the data "
                + $"{Show(Configuration.Labels)}: the classifier's last layer is drawn anew. "
                + "Give the data the same labels in the same order to go on from the checkpoint's.";
        }
    }

    protected override TrainingDefaults Defaults(TrainingPlace place)
    {
        var rate = Configuration.HiddenSize <= NarrowModel ? 1e-4 : 5e-5;
        return place.Fit(new TrainingDefaults(BatchSize, rate, WarmupRatio: 0, seed), Configuration, training.Count, training.LongestText,
            task.TargetShareOf(training));
    }

    protected override nn.Module CreateModel(PretrainedModel? held)
    {
        var network = (TModel)ModelArchitecture.Of(Configuration).Create(task.Head, Configuration, seed);
        try
        {
            var report = held!.Shared.CopyTo(network, outputs: KeepsHead);
            var drawn = report.MissingInHeads;
            if (drawn.Count > 0)
                told($"The checkpoint lacks weights of the head, which are drawn at random: {LoadWarnings.Names(drawn)}.");
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    protected override Objective CreateObjective(nn.Module model) => task.CreateObjective((TModel)model, training);

    protected override Objective? CreateHeldOut(nn.Module model) =>
        evaluation is null ? null : task.CreateHeldOut((TModel)model, evaluation);

    protected override IModelState StateOf(nn.Module model) => new PretrainedModelState(NetworkOf(model), Checkpoint.Tokenizer);

    protected override IEnumerable<KeyValuePair<string, string>> Describe() =>
    [
        new("objective", task.Name),
        new("data", training.Fingerprint),
        new("evaluation data", evaluation?.Fingerprint ?? "none"),
        new("vocabulary", Checkpoint.Tokenizer.Fingerprint),
        new("head", KeepsHead ? "the checkpoint's" : "new"),
        .. task.Settings,
    ];

    protected override SharedModel Share(LanguageModelModule network, PretrainedModel? held, TrainingResult result, ModelCard card)
    {
        var config = network.Config;
        return new SharedModel(network, Checkpoint.Tokenizer, "fine-tuned here", held?.Shared, card with
        {
            ModelName = $"{card.ModelName}-{task.PipelineTag}",
            Summary = RunCard.Text($"A {network.ClassName} of {config.LayerCount} layers of width {config.HiddenSize}, fine-tuned for ")
                + $"{task.Describe(config)}.",
            PipelineTag = task.PipelineTag,
            EvaluationData = evaluation is null ? null : RunCard.Text($"{evaluation.Count} held-out examples"),
            TrainingData = [new ModelCardEntry("Examples", RunCard.Text($"{training.Count}")), .. card.TrainingData],
            Usage = RunCard.Usage(task.PipelineTag, "…"),
        });
    }

    private static string Show(IReadOnlyList<string> labels) =>
        FormattableString.Invariant(
            $"{string.Join(", ", labels.Take(5).Select(l => $"'{l}'"))}{(labels.Count > 5 ? ", …" : "")} ({labels.Count})");
}
