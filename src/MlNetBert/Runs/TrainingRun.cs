using Microsoft.ML.Runtime;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Generation;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Runs;

/// <summary>
/// One run of the training loop, from weights that are drawn or a checkpoint's to a shared model: what pretraining and fine-tuning have in
/// common.
/// </summary>
/// <param name="options">How to train.</param>
/// <param name="configuration">The configuration of the model that is trained.</param>
/// <param name="start">The model to start from; null for new weights.</param>
internal abstract class TrainingRun(TrainingOptions options, ModelConfig configuration, PretrainedModel? start)
{
    /// <summary>The configuration of the model that is trained.</summary>
    public ModelConfig Configuration => configuration;

    /// <summary>The model to start from; null for new weights.</summary>
    protected PretrainedModel? Start => start;

    /// <summary>The seed of a run in an ML.NET pipeline.</summary>
    public static int SeedOf(TrainingOptions options, IHostEnvironment environment) =>
        options.Seed ?? (environment as IHostEnvironmentInternal)?.Seed ?? 42;

    /// <summary>Trains.</summary>
    /// <param name="progress">Gets every event before <see cref="TrainingOptions.Progress"/> does; null for none.</param>
    /// <param name="cancellationToken">Stops the run as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>The model, for the caller to dispose of, and what the run came to.</returns>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoints cannot be written, or belong to another run.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example; not where
    /// MicroBatchSize is set.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled and is to throw then.</exception>
    public (PretrainedModel Model, TrainingResult Result) Run(
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        // A handle of its own: who has the other may dispose of it while this trains.
        using var held = start?.Share();
        using var place = new TrainingPlace(options);
        var defaults = Defaults(place);
        var model = CreateModel(held);
        try
        {
            place.Enter(model);
            var objective = CreateObjective(model);
            using var owned = objective as IDisposable;
            var heldOut = CreateHeldOut(model);
            using var ownedToo = heldOut as IDisposable;
            var loop = new TrainingLoop(objective, new TrainingLoopOptions
            {
                Training = options,
                Defaults = defaults,
                Evaluation = heldOut is null ? null : new HeldOutEvaluation(heldOut, place.EvaluationBatch(defaults)),
                Probes = ProbesOf(model),
                Data = Description(NetworkOf(model)),
                Checkpoints = options.CheckpointDirectory is not { } directory
                    ? null
                    : new TrainingCheckpoints(new CheckpointStore(directory), WithGenerationConfig(StateOf(model), held, model)),
                Progress = progress,
            });
            var result = loop.Run(cancellationToken);
            var network = NetworkOf(model);
            TrainingPlace.Leave(network);
            var card = RunCard.Of(configuration, held, loop.Description.Values, result);
            if (network != model)
            {
                // Its weights may be another part's, too; with the whole all of them go.
                using (model)
                    network = CopyOf(network, model);
            }

            return (new PretrainedModel(Share(network, held, result, card)), result);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Settles what the options leave open.</summary>
    protected abstract TrainingDefaults Defaults(TrainingPlace place);

    /// <summary>Makes what is trained.</summary>
    /// <param name="held">The model to start from, which nobody disposes of meanwhile; null for new weights.</param>
    protected abstract nn.Module CreateModel(PretrainedModel? held);

    /// <summary>The network that remains of it.</summary>
    protected virtual LanguageModelModule NetworkOf(nn.Module model) => (LanguageModelModule)model;

    /// <summary>The network with weights of its own, before the whole is disposed of.</summary>
    /// <param name="network">What <see cref="NetworkOf"/> gave.</param>
    /// <param name="model">The whole.</param>
    protected virtual LanguageModelModule CopyOf(LanguageModelModule network, nn.Module model) => ModelArchitecture.CopyOf(network);

    /// <summary>What the loop trains.</summary>
    protected abstract Objective CreateObjective(nn.Module model);

    /// <summary>What the loop measures; null for nothing.</summary>
    protected abstract Objective? CreateHeldOut(nn.Module model);

    /// <summary>What is measured beside the loss; null for nothing.</summary>
    protected virtual TrainingProbes? ProbesOf(nn.Module model) => null;

    /// <summary>The model's part of a checkpoint.</summary>
    protected abstract IModelState StateOf(nn.Module model);

    /// <summary>What the weights depend on beside model, place and the loop's settings.</summary>
    protected abstract IEnumerable<KeyValuePair<string, string>> Describe();

    /// <summary>Makes the model that others use.</summary>
    /// <param name="network">The network.</param>
    /// <param name="held">The model that the run started from; null for new weights.</param>
    /// <param name="result">What the run came to.</param>
    /// <param name="card">The card of the run, which lacks what the model is.</param>
    protected abstract SharedModel Share(LanguageModelModule network, PretrainedModel? held, TrainingResult result, ModelCard card);

    // Whoever continues a text with a checkpoint ends it as the model does that the run started from.
    private IModelState WithGenerationConfig(IModelState state, PretrainedModel? held, nn.Module model) =>
        NetworkOf(model) is IGenerativeModel && held?.Shared.GenerationConfig is { } generation
            ? new GenerativeModelState(state, generation)
            : state;

    private RunDescription Description(LanguageModelModule network) => new(
    [
        .. Describe(),
        new("model", network.Config.ToJson().ToJsonString()),
        new("precision", network.Precision.ToString()),
        new("device", network.parameters().First().device.ToString()),
        new("threads", FormattableString.Invariant($"{get_num_threads()}")),
    ]);
}
