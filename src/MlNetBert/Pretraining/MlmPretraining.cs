using System.Diagnostics;
using System.Globalization;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using TorchSharp;

namespace MlNetBert.Pretraining;

/// <summary>
/// Masked-language-model pretraining on blocks, wherever they come from: what <c>PretrainMlm</c> does once rows are blocks, and what the
/// command line does with a token store.
/// </summary>
internal sealed class MlmPretraining
{
    private const string What = "Masked language modeling";

    private readonly SubwordTokenizer _tokenizer;
    private readonly SubwordTokenizer _savedTokenizer;
    private readonly IBlockSource _training;
    private readonly IBlockSource? _evaluation;
    private readonly PretrainedModel? _start;
    private readonly MlmOptions _options;
    private readonly int _seed;

    /// <summary>Prepares a run.</summary>
    /// <param name="tokenizer">The tokenizer that the blocks were made with.</param>
    /// <param name="training">Blocks to train on.</param>
    /// <param name="evaluation">Blocks to evaluate on; null for none.</param>
    /// <param name="start">The model to start from; null for new weights.</param>
    /// <param name="options">How to train. Its evaluation data and share are the caller's business.</param>
    /// <param name="seed">The seed where the options have none.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be, or contradicts the data: a block longer than the model's
    /// positions.</exception>
    /// <exception cref="InvalidDataException">No block has a token that can be masked.</exception>
    public MlmPretraining(
        SubwordTokenizer tokenizer,
        IBlockSource training,
        IBlockSource? evaluation,
        PretrainedModel? start,
        MlmOptions options,
        int seed = 42)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(fromCheckpoint: start is not null, evaluated: evaluation is not null);
        options.PrepareProbes();
        _tokenizer = tokenizer;
        _training = training;
        _evaluation = evaluation;
        _start = start;
        _options = options;
        Configuration = ConfigurationFor(tokenizer, training.BlockLength, start, options);
        _seed = options.Seed ?? seed;
        var masking = options.TrainingMasks(tokenizer, _seed);
        masking.RequireTargets(training, "The data to train on");
        if (evaluation is not null)
            masking.RequireTargets(evaluation, "The data to evaluate on");
        // Whoever opens the saved model cuts texts at its positions.
        _savedTokenizer = tokenizer.MaxLength is null && Configuration.MaxLength is { } positions
            ? tokenizer.With(maxLength: positions)
            : tokenizer;
    }

    /// <summary>The configuration of the model that is trained.</summary>
    public ModelConfig Configuration { get; }

    /// <summary>
    /// What is worth a warning before the run: what of the head is drawn although there is a checkpoint, which head of it is not kept, and
    /// that its settings for embedding are not.
    /// </summary>
    public IReadOnlyList<string> Warnings => _start is null ? [] : [.. HeadWarnings(_start), .. SentenceWarnings(_start)];

    /// <summary>Blocks per step where <see cref="TrainingOptions.BatchSize"/> is null.</summary>
    /// <param name="fromCheckpoint">Whether training starts from a model.</param>
    /// <returns>32 from scratch, 16 from a checkpoint.</returns>
    public static int DefaultBatchSize(bool fromCheckpoint) => fromCheckpoint ? 16 : 32;

    /// <summary>The configuration that a run with these options gives its model.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="blockLength">Tokens of a block.</param>
    /// <param name="start">The model to start from; null for new weights.</param>
    /// <param name="options">How to train.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="InvalidOptionsException">The options contradict the tokenizer or the block length.</exception>
    public static ModelConfig ConfigurationFor(SubwordTokenizer tokenizer, int blockLength, PretrainedModel? start, MlmOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        var special = tokenizer.SpecialTokens;
        var config = start?.Configuration ?? options.Configuration
            ?? ModelArchitecture.Get(options.Architecture ?? MlmOptions.DefaultArchitecture).CreateConfig(
            ModelSize.Parse(options.Size ?? MlmOptions.DefaultSize),
            tokenizer.Vocabulary.Count,
            options.MaxPositions ?? blockLength,
            new ModelTokenIds(
                special.Require(SpecialTokenRole.Padding, What),
                special.Require(SpecialTokenRole.Classification, What),
                special.Require(SpecialTokenRole.Separator, What)));
        new OptionsValidator()
            .Require(blockLength <= config.LongestSequence, "blockLength", blockLength,
                $"must be at most the model's {config.LongestSequence} positions")
            .Require(
                tokenizer.Vocabulary.Count <= config.VocabularySize,
                "Configuration.VocabularySize", config.VocabularySize, "must be at least the tokenizer's "
                    + $"{tokenizer.Vocabulary.Count} pieces")
            .ThrowIfAny(nameof(MlmOptions));
        return config;
    }

    /// <summary>Trains.</summary>
    /// <param name="progress">Gets every event before <see cref="TrainingOptions.Progress"/> does; null for none.</param>
    /// <param name="cancellationToken">Stops the run as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>The model and what the run came to; dispose of it.</returns>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoints cannot be written, or belong to another run.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example; not where
    /// MicroBatchSize is set.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled and is to throw then.</exception>
    public PretrainingResult Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        // A handle of its own: who has the other may dispose of it while this trains.
        using var start = _start?.Share();
        using var place = new TrainingPlace(_options);
        var defaults = Defaults(place);
        var network = NewNetwork(start);
        try
        {
            place.Enter(network);
            var loop = NewLoop(network, _options, defaults, place.EvaluationBatch(defaults), Checkpoints(network), progress);
            var result = loop.Run(cancellationToken);
            TrainingPlace.Leave(network);
            var card = PretrainingCard.Of(Configuration, _training, _evaluation, start, loop.Description.Values, result);
            return new PretrainingResult(
                new PretrainedModel(
                    new SharedModel(start?.Shared.AddHeadsTo(network) ?? network, _savedTokenizer, "pretrained here", card)),
                result);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Steps of <see cref="EstimateCost"/> that are not timed: allocators and caches fill up in them.</summary>
    internal const int WarmUpSteps = 3;

    /// <summary>
    /// Measures a few steps on a model that is thrown away, asks its probes once, and says what the whole run would take.
    /// </summary>
    /// <param name="timedSteps">Steps to take the median of, after <see cref="WarmUpSteps"/> that are not timed; on a GPU the mean, after
    /// as many that are not timed, because it is asked at the end only.</param>
    /// <param name="cancellationToken">Stops between steps, as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>The estimate.</returns>
    /// <exception cref="InsufficientMemoryException">As <see cref="Run(IProgress{TrainingProgress}?, CancellationToken)"/>.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public TrainingCost EstimateCost(int timedSteps = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timedSteps, 1);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_options.CancellationToken, cancellationToken);
        using var place = new TrainingPlace(_options);
        var warmUp = place.IsGpu ? Math.Max(WarmUpSteps, timedSteps) : WarmUpSteps;
        var steps = warmUp + timedSteps;
        var clock = new StepClock(warmUp);
        var defaults = Defaults(place);
        using var network = NewNetwork(_start);
        place.Enter(network);
        var measured = _options with
        {
            MaxSteps = steps,
            TimeBudget = null,
            LogEveryNSteps = place.IsGpu ? warmUp : 1,
            EvaluateEveryNSteps = steps + 1,
            Patience = null,
            RestoreBestWeights = false,
            Progress = clock,
            CheckpointDirectory = null,
            SaveEveryNSteps = null,
            CancellationToken = linked.Token,
            CancellationBehavior = CancellationBehavior.Throw,
        };
        NewLoop(network, measured, defaults, evaluationBatch: null, checkpoints: null, progress: null).Run();
        return RunCost.Of(network, clock, _options, defaults, _training, _evaluation, ProbeTime(network, linked.Token));
    }

    /// <summary>What it takes to ask all probes once.</summary>
    private TimeSpan ProbeTime(MaskedLanguageModel network, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        foreach (var probe in Probes(network)?.Probes ?? [])
            probe.Measure(cancellationToken);
        return watch.Elapsed;
    }

    private TrainingLoop NewLoop(
        MaskedLanguageModel network,
        TrainingOptions options,
        TrainingDefaults defaults,
        int? evaluationBatch,
        TrainingCheckpoints? checkpoints,
        IProgress<TrainingProgress>? progress)
    {
        var masking = _options.TrainingMasks(_tokenizer, _seed);
        var fixedMasks = new TokenMasking(_tokenizer, _seed, MlmOptions.EvaluationMaskProbability);
        var evaluation = _evaluation is null || evaluationBatch is not { } rows ? null : new HeldOutEvaluation(
            new MlmObjective(network, new MaskedBlocks(_evaluation, fixedMasks, RandomStreams.EvaluationCorruption)), rows);
        return new TrainingLoop(new MlmObjective(network, _training, masking), new TrainingLoopOptions
        {
            Training = options,
            Defaults = defaults,
            Evaluation = evaluation,
            Probes = evaluationBatch is null ? null : Probes(network),
            Data = Describe(network),
            Checkpoints = checkpoints,
            Progress = progress,
        });
    }

    private TrainingProbes? Probes(MaskedLanguageModel network)
    {
        if (_options.Probes.Count == 0)
            return null;
        var lent = new LentModel(network, _savedTokenizer);
        return new TrainingProbes([.. _options.Probes.Select(probe => new ModelProbe(probe, lent))], _options.ProbeEveryNSteps);
    }

    private TrainingDefaults Defaults(TrainingPlace place)
    {
        var defaults = _start is not null
            ? new TrainingDefaults(DefaultBatchSize(fromCheckpoint: true), LearningRate: 5e-5, WarmupRatio: 0, _seed)
            : new TrainingDefaults(
                DefaultBatchSize(fromCheckpoint: false), ModelArchitecture.Of(Configuration).LearningRateFromScratch,
                WarmupRatio: 0.1, _seed);
        return place.Fit(defaults, Configuration, _training.Count, _training.BlockLength, _options.MaskProbability);
    }

    private MaskedLanguageModel NewNetwork(PretrainedModel? start)
    {
        using var call = start?.Call();
        var network = (MaskedLanguageModel)ModelArchitecture.Of(Configuration).Create(ModelHead.MaskedLanguageModel, Configuration, _seed);
        if (call is null)
            return network;
        Weights.Copy(call.Network, network);
        return network;
    }

    private TrainingCheckpoints? Checkpoints(MaskedLanguageModel network) => _options.CheckpointDirectory is not { } directory
        ? null
        : new TrainingCheckpoints(new CheckpointStore(directory), new PretrainedModelState(network, _savedTokenizer));

    private RunDescription Describe(MaskedLanguageModel network) => new(
    [
        new("objective", "masked language modelling"),
        new("data", _training.Fingerprint),
        new("evaluation data", _evaluation?.Fingerprint ?? "none"),
        new("vocabulary", _tokenizer.Fingerprint),
        new("model", network.Config.ToJson().ToJsonString()),
        new("starts from", _start is null ? "nothing" : "a checkpoint"),
        new("masking", string.Create(
            CultureInfo.InvariantCulture,
            $"{_options.MaskProbability} of the tokens, {_options.MaskReplaceProbability} masked, "
                + $"{_options.RandomReplaceProbability} random")),
        new("precision", network.Precision.ToString()),
        new("device", network.parameters().First().device.ToString()),
        new("threads", FormattableString.Invariant($"{torch.get_num_threads()}")),
    ]);

    private static IEnumerable<string> HeadWarnings(PretrainedModel start)
    {
        var report = start.Shared.CompareWith(ModelHead.MaskedLanguageModel);
        var drawn = report.Missing.Except(report.MissingInBackbone).ToList();
        if (drawn.Count > 0 && report.Unused.Count > 0)
        {
            yield return $"{start.Source} is a {start.Network.ClassName}: its head is not kept ({LoadWarnings.Names(report.Unused)}), "
                + "and a masked-language-modeling head is drawn at random.";
        }
        else if (drawn.Count > 0)
        {
            yield return $"{start.Source} lacks weights of the masked-language-modeling head, which are drawn at random: "
                + $"{LoadWarnings.Names(drawn)}.";
        }
    }

    private static IEnumerable<string> SentenceWarnings(PretrainedModel start)
    {
        string warning = $"{start.Source} is a sentence-transformers model: what it says of embedding (pooling, length, lower-casing) is "
            + $"not kept. To embed alike with the new model, copy {ModelFiles.SentenceModules}, {ModelFiles.PoolingConfig} and "
            + $"{ModelFiles.SentenceConfig} into its directory.";
        return start.Shared.Sentence == SentenceSettings.None ? [] : [warning];
    }
}
