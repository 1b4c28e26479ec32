using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Training;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using TorchSharp;

namespace MlNetBert.FineTuning;

/// <summary>One fine-tuning run: a task's objective on the training loop, from a checkpoint to a shared model.</summary>
internal sealed class FineTuningRun<TModel, TLabel>
    where TModel : LanguageModelModule
{
    private const int BatchSize = 16;
    private const int NarrowModel = 512;

    private readonly FineTuningTask<TModel, TLabel> _task;
    private readonly SequenceExamples<TLabel> _training;
    private readonly SequenceExamples<TLabel>? _evaluation;
    private readonly PretrainedModel _start;
    private readonly FineTuningOptions _options;
    private readonly int _seed;
    private readonly ModelConfig _config;
    private readonly bool _hasHead;
    private readonly bool _keepsHead;

    public FineTuningRun(
        FineTuningTask<TModel, TLabel> task,
        SequenceExamples<TLabel> training,
        SequenceExamples<TLabel>? evaluation,
        PretrainedModel start,
        FineTuningOptions options,
        int seed)
    {
        _task = task;
        _training = training;
        _evaluation = evaluation;
        _start = start;
        _options = options;
        _seed = seed;
        var config = start.Configuration;
        _hasHead = start.Find<TModel>() is not null;
        _config = task.Configure(options.Dropout is { } dropout ? config.WithDropout(dropout) : config, _hasHead);
        _keepsHead = _hasHead && config.Labels.SequenceEqual(_config.Labels, StringComparer.Ordinal);
    }

    /// <summary>What is worth a warning before the run.</summary>
    public IEnumerable<string> Warnings()
    {
        foreach (var warning in _start.Shared.TakeWarnings())
            yield return warning;
        if (_hasHead && !_keepsHead)
        {
            yield return $"The checkpoint's head has the labels {Show(_start.Configuration.Labels)}, the data {Show(_config.Labels)}: "
                + "the classifier's last layer is drawn anew. "
                + "Give the data the same labels in the same order to go on from the checkpoint's.";
        }
    }

    /// <summary>Trains.</summary>
    /// <param name="progress">Gets every event.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <param name="told">Is told which weights the checkpoint lacks.</param>
    public (PretrainedModel Model, TrainingResult Result) Run(IProgress<TrainingProgress> progress,
        CancellationToken cancellationToken, Action<string> told)
    {
        using var place = new TrainingPlace(_options);
        var rate = _config.HiddenSize <= NarrowModel ? 1e-4 : 5e-5;
        var defaults = place.Fit(new TrainingDefaults(BatchSize, rate, WarmupRatio: 0, _seed), _config, _training.Count,
            _training.LongestText,
            targetShare: 0);
        var network = NewNetwork(told);
        try
        {
            place.Enter(network);
            var objective = _task.CreateObjective(network, _training);
            using var owned = objective as IDisposable;
            var heldOut = _evaluation is null ? null : _task.CreateHeldOut(network, _evaluation);
            using var ownedToo = heldOut as IDisposable;
            var evaluation = heldOut is null ? null : new HeldOutEvaluation(heldOut, place.EvaluationBatch(defaults));
            var loop = new TrainingLoop(objective, new TrainingLoopOptions
            {
                Training = _options,
                Defaults = defaults,
                Evaluation = evaluation,
                Data = Describe(network),
                Checkpoints = Checkpoints(network),
                Progress = progress,
            });
            var result = loop.Run(cancellationToken);
            TrainingPlace.Leave(network);
            var card = FineTuningCard.Of(
                _task.Name, _task.PipelineTag, network, _start, _training.Count, _evaluation?.Count, loop.Description.Values, result);
            return (new PretrainedModel(new SharedModel(network, _start.Tokenizer, "fine-tuned here", card)), result);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static string Show(IReadOnlyList<string> labels) =>
        FormattableString.Invariant(
            $"{string.Join(", ", labels.Take(5).Select(l => $"'{l}'"))}{(labels.Count > 5 ? ", …" : "")} ({labels.Count})");

    private TModel NewNetwork(Action<string> told)
    {
        var network = (TModel)ModelArchitecture.Of(_config).Create(_task.Head, _config, _seed);
        try
        {
            var report = _start.Shared.CopyTo(network, outputs: _keepsHead);
            var drawn = report.Missing.Except(report.MissingInBackbone).ToList();
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

    private TrainingCheckpoints? Checkpoints(TModel network) => _options.CheckpointDirectory is not { } directory
        ? null
        : new TrainingCheckpoints(new CheckpointStore(directory), new PretrainedModelState(network, _start.Tokenizer));

    private RunDescription Describe(TModel network) => new(
    [
        new("objective", _task.Name),
        new("data", _training.Fingerprint),
        new("evaluation data", _evaluation?.Fingerprint ?? "none"),
        new("vocabulary", _start.Tokenizer.Fingerprint),
        new("model", network.Config.ToJson().ToJsonString()),
        new("head", _keepsHead ? "the checkpoint's" : "new"),
        new("precision", network.Precision.ToString()),
        new("device", network.parameters().First().device.ToString()),
        new("threads", FormattableString.Invariant($"{torch.get_num_threads()}")),
        .. _task.Settings,
    ]);
}
