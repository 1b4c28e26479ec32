using System.Diagnostics;
using System.Globalization;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Configuration;
using MlNetBert.Runs;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining;

/// <summary>
/// Pretraining on blocks, wherever they come from: what an estimator does once rows are blocks, and what the command line does with a token
/// store.
/// </summary>
internal sealed class PretrainingRun : TrainingRun
{
    /// <summary>Steps of <see cref="Estimate"/> that are not timed: allocators and caches fill up in them.</summary>
    internal const int WarmUpSteps = 3;

    private readonly SubwordTokenizer _savedTokenizer;
    private readonly PretrainingData _training;
    private readonly PretrainingData? _evaluation;
    private readonly PretrainingOptions _options;
    private readonly PretrainingTask _task;
    private readonly int _seed;
    private MaskedLanguageModel? _generator;

    /// <summary>Prepares a run.</summary>
    /// <param name="tokenizer">The tokenizer that the blocks were made with.</param>
    /// <param name="training">Blocks to train on.</param>
    /// <param name="evaluation">Blocks to evaluate on; null for none.</param>
    /// <param name="start">The model to start from; null for new weights.</param>
    /// <param name="options">How to train, and for what. Its evaluation data and share are the caller's business.</param>
    /// <param name="seed">The seed where the options have none.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be, or contradicts the data: a block longer than the model's
    /// positions.</exception>
    /// <exception cref="InvalidDataException">No block has a target.</exception>
    public PretrainingRun(
        SubwordTokenizer tokenizer,
        IBlockSource training,
        IBlockSource? evaluation,
        PretrainedModel? start,
        PretrainingOptions options,
        int seed = 42)
        : base(options, Checked(tokenizer, training, evaluation, start, options), start)
    {
        _options = options;
        _task = options.Task;
        _seed = options.Seed ?? seed;
        tokenizer = TokenizerFor(tokenizer, start, options);
        _training = new PretrainingData(training, tokenizer, options, _seed);
        _evaluation = evaluation is null ? null : new PretrainingData(evaluation, tokenizer, options, _seed) { IsHeldOut = true };
        Require(_training, "The data to train on");
        if (_evaluation is not null)
            Require(_evaluation, "The data to evaluate on");
        // Whoever opens the saved model cuts texts at its positions.
        _savedTokenizer = tokenizer.MaxLength is null && Configuration.MaxLength is { } positions
            ? tokenizer.With(maxLength: positions)
            : tokenizer;
    }

    /// <summary>
    /// What is worth a warning before the run: what of the head is drawn although there is a checkpoint, which head of it is not kept, and
    /// that its settings for embedding are not; of a new model, that its architecture takes another token for padding; and what the
    /// objective finds wrong with the checkpoint and the data.
    /// </summary>
    public IReadOnlyList<string> Warnings =>
    [
        .. Start is null ? PaddingWarnings() : [.. HeadWarnings(Start), .. _task.DescribeStart(Start), .. SentenceWarnings(Start)],
        .. _task.DescribeTrouble(_training),
    ];

    /// <summary>The configuration of the model that is trained beside the one that is kept; null for none.</summary>
    public ModelConfig? GeneratorConfiguration => _task.GeneratorConfigFor(Configuration, Start);

    /// <summary>Blocks per step where <see cref="TrainingOptions.BatchSize"/> is null.</summary>
    /// <param name="fromCheckpoint">Whether training starts from a model.</param>
    /// <returns>32 from scratch, 16 from a checkpoint.</returns>
    public static int DefaultBatchSize(bool fromCheckpoint) => fromCheckpoint ? 16 : 32;

    /// <summary>The tokenizer of a run with these options: the given one, with tokens that the objective adds.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="start">The model to start from; null for new weights.</param>
    /// <param name="options">How to train.</param>
    public static SubwordTokenizer TokenizerFor(SubwordTokenizer tokenizer, PretrainedModel? start, PretrainingOptions options) =>
        options.Task.TokenizerFor(tokenizer, (start?.Config ?? options.Config)?.VocabularySize);

    /// <summary>The configuration that a run with these options gives its model.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="blockLength">Tokens of a block.</param>
    /// <param name="start">The model to start from; null for new weights.</param>
    /// <param name="options">How to train.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="InvalidOptionsException">The options contradict the tokenizer or the block length.</exception>
    public static ModelConfig ConfigurationFor(SubwordTokenizer tokenizer, int blockLength, PretrainedModel? start,
        PretrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        tokenizer = TokenizerFor(tokenizer, start, options);
        var special = tokenizer.SpecialTokens;
        // A text that is continued begins and ends as documents of blocks do; an encoder's, as its template says.
        var (begin, end) = (BlockTemplate.BeginningOf(tokenizer), BlockTemplate.EndOf(tokenizer));
        var (first, last) = options.Task.WritesTexts
            ? (begin ?? special.ClassificationTokenId, end ?? special.SeparatorTokenId)
            : (special.ClassificationTokenId ?? begin, special.SeparatorTokenId ?? end);
        var config = start?.Config ?? options.Config ?? ArchitectureFor(options).CreateConfig(
            ModelSize.Parse(options.Size ?? PretrainingOptions.DefaultSize),
            tokenizer.Vocabulary.Count,
            options.MaxPositions ?? blockLength,
            new ModelTokenIds(special.PaddingTokenId, first, last));
        new OptionsValidator()
            .Require(options.Task.IsTrainable(config.ModelType), start is null ? "Config" : "model", config.ModelType,
                $"must be an architecture that has a model for {options.Task.Description}: {options.Task.TrainableArchitectures}")
            .Require(blockLength <= config.LongestSequence, "blockLength", blockLength,
                $"must be at most the model's {config.LongestSequence} positions")
            .Require(
                config.TakesTypeIds(tokenizer.Template.MaxTypeId), "Config.TokenTypeCount", config.TokenTypeCount,
                $"must be above {tokenizer.Template.MaxTypeId}, the highest type id in the tokenizer's template, or at most 1 for none")
            .Require(
                tokenizer.Vocabulary.Count <= config.VocabularySize,
                "Config.VocabularySize", config.VocabularySize, "must be at least the tokenizer's "
                    + $"{tokenizer.Vocabulary.Count} pieces")
            .Require(
                config is not PostNormConfig { CountsPositionsBehindPadding: true } || config.PadTokenId == special.PaddingTokenId,
                "Config.PadTokenId", config.PadTokenId, "must be the id of the tokenizer's padding token "
                    + $"({special.PaddingTokenId?.ToString(CultureInfo.InvariantCulture) ?? "none"}): positions are counted by it")
            .ThrowIfAny(options.GetType().Name);
        return RecordedObjective.In(config, options.Task);
    }

    /// <summary>
    /// Measures a few steps on a model that is thrown away, asks its probes once, and says what the whole run would take.
    /// </summary>
    /// <param name="timedSteps">Steps to take the median of, after <see cref="WarmUpSteps"/> that are not timed; on a GPU the mean, after
    /// as many that are not timed, because it is asked at the end only.</param>
    /// <param name="cancellationToken">Stops between steps, as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>The estimate.</returns>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example; not where
    /// MicroBatchSize is set.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public TrainingEstimate Estimate(int timedSteps = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timedSteps, 1);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_options.CancellationToken, cancellationToken);
        using var place = new TrainingPlace(_options);
        var warmUp = place.IsGpu ? Math.Max(WarmUpSteps, timedSteps) : WarmUpSteps;
        var steps = warmUp + timedSteps;
        var clock = new StepClock(warmUp);
        var defaults = Defaults(place);
        using var model = CreateModel(Start);
        place.Enter(model);
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
        var objective = CreateObjective(model);
        using var owned = objective as IDisposable;
        new TrainingLoop(objective, new TrainingLoopOptions { Training = measured, Defaults = defaults }).Run();
        var watch = Stopwatch.StartNew();
        foreach (var probe in ProbesOf(model)?.Probes ?? [])
            probe.Measure(linked.Token);
        var probes = watch.Elapsed;
        var heldOut = CreateHeldOut(model);
        using var ownedToo = heldOut as IDisposable;
        return RunCost.Of(model, NetworkOf(model), clock, _options, defaults, _training.Blocks, heldOut?.Count, probes);
    }

    private void Require(PretrainingData data, string what)
    {
        _task.RequirePositions(data, Configuration);
        _task.RequireTargets(data, what);
    }

    protected override TrainingDefaults Defaults(TrainingPlace place)
    {
        var defaults = Start is not null
            ? new TrainingDefaults(DefaultBatchSize(fromCheckpoint: true), LearningRate: 5e-5, WarmupRatio: 0, _seed)
            : new TrainingDefaults(
                DefaultBatchSize(fromCheckpoint: false), ModelArchitecture.Of(Configuration).LearningRateFromScratch,
                WarmupRatio: 0.1, _seed);
        return place.Fit(
            defaults, Configuration, _training.Blocks.Count, _training.Blocks.BlockLength, _task.TargetFraction(_options),
            GeneratorConfiguration);
    }

    protected override nn.Module CreateModel(PretrainedModel? held) => _task.CreateModel(Configuration, held, _seed);

    protected override LanguageModelModule NetworkOf(nn.Module model) => _task.NetworkOf(model);

    protected override LanguageModelModule CopyOf(LanguageModelModule network, nn.Module model)
    {
        if (_task.GeneratorOf(model) is { } generator)
        {
            TrainingPlace.Leave(generator);
            _generator = (MaskedLanguageModel)ModelArchitecture.CopyOf(generator);
        }

        return base.CopyOf(network, model);
    }

    protected override Objective CreateObjective(nn.Module model) => _task.CreateObjective(model, _training);

    protected override Objective? CreateHeldOut(nn.Module model) =>
        _evaluation is null ? null : _task.CreateObjective(model, _evaluation);

    protected override TrainingProbes? ProbesOf(nn.Module model)
    {
        if (_options.Probes.Count == 0)
            return null;
        var lent = new LentModel(NetworkOf(model), _savedTokenizer, Start?.Shared);
        return new TrainingProbes([.. _options.Probes.Select(probe => new ModelProbe(probe, lent))], _options.ProbeEveryNSteps);
    }

    protected override IModelState StateOf(nn.Module model) => _task.CreateState(model, _savedTokenizer);

    protected override IEnumerable<KeyValuePair<string, string>> Describe() =>
    [
        new("objective", _task.Description),
        new("data", _training.Blocks.Fingerprint),
        new("evaluation data", _evaluation?.Blocks.Fingerprint ?? "none"),
        new("vocabulary", _training.Tokenizer.Fingerprint),
        new("starts from", Start is null ? "scratch" : "a checkpoint"),
        .. _task.DescribeSettings(_options),
    ];

    protected override SharedModel Share(LanguageModelModule network, PretrainedModel? held, TrainingResult result, ModelCard card)
    {
        var (texts, training, evaluation) = (_task.Card, _training.Blocks, _evaluation?.Blocks);
        return new SharedModel(held?.Shared.AddHeadsTo(network) ?? network, _savedTokenizer, "pretrained here", held?.Shared, card with
        {
            Summary = RunCard.Text($"{texts.Model} of {Configuration.LayerCount} layers of width {Configuration.HiddenSize} with ")
                + RunCard.Text($"a vocabulary of {Configuration.VocabularySize} pieces, ")
                + (held is null ? "pretrained from scratch." : $"pretrained further from {held.Source}."),
            PipelineTag = texts.PipelineTag,
            Tags = [texts.Tag, .. card.Tags],
            EvaluationData =
                evaluation is null ? null : RunCard.Text($"{evaluation.Count} held-out blocks of {evaluation.BlockLength} tokens"),
            Metrics = RunCard.Metrics(result, texts.Target, texts.Loss),
            TrainingData =
                [new ModelCardEntry("Blocks", RunCard.Text($"{training.Count} of {training.BlockLength} tokens")), .. card.TrainingData],
            Usage = texts.UsageFor(_savedTokenizer),
        })
        {
            Generator = _generator,
        };
    }

    /// <summary>The configuration, after everything that can be checked without reading a block.</summary>
    private static ModelConfig Checked(
        SubwordTokenizer tokenizer, IBlockSource training, IBlockSource? evaluation, PretrainedModel? start, PretrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(fromCheckpoint: start is not null, evaluated: evaluation is not null);
        return ConfigurationFor(tokenizer, training.BlockLength, start, options);
    }

    private static ModelArchitecture ArchitectureFor(PretrainingOptions options) =>
        options.Architecture is { } name ? ModelArchitecture.Get(name) : options.Task.DefaultArchitecture;

    private IEnumerable<string> PaddingWarnings()
    {
        var tokenizer = _training.Tokenizer;
        if (Configuration.FixedPaddingToken is not { } row || row == tokenizer.SpecialTokens.PaddingTokenId
            || row >= tokenizer.Vocabulary.Count)
            yield break;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{Configuration.ModelType} takes token {row} for padding, whatever the vocabulary says, as transformers does: ")
            + $"{tokenizer.Vocabulary[row]} takes no position here, and its embedding learns nothing from where it stands. Take a "
            + $"vocabulary whose padding token has this id, such as a learned BPE or unigram ({nameof(SubwordTokenizingOptions)}."
            + $"{nameof(SubwordTokenizingOptions.Model)}).";
    }

    private IEnumerable<string> HeadWarnings(PretrainedModel start)
    {
        var report = start.Shared.CompareWith(_task.Head);
        var drawn = report.MissingInHeads;
        if (report.UnexpectedKeys.Count > 0)
        {
            yield return $"{start.Source} is a {start.Network.ClassName}: its head is not kept "
                + $"({LoadWarnings.Names(report.UnexpectedKeys)})"
                + $"{(drawn.Count > 0 ? $", and a {_task.Card.Tag} head is drawn at random" : "")}.";
        }
        else if (drawn.Count > 0)
        {
            yield return $"{start.Source} lacks weights of the {_task.Card.Tag} head, which are drawn at random: "
                + $"{LoadWarnings.Names(drawn)}.";
        }
        else if (RecordedObjective.TaskOf(start, out _) is { } other && other != _task && other.Head == _task.Head)
        {
            yield return $"{start.Source} was pretrained for the objective '{other.Name}': '{_task.Name}' starts from what its head has "
                + "learned.";
        }
    }

    private static IEnumerable<string> SentenceWarnings(PretrainedModel start)
    {
        string warning = $"{start.Source} is a sentence-transformers model: what it says of embedding (pooling, modules "
            + "behind it, length, lower-casing, prompts) is not kept. To embed alike with the new model, copy "
            + $"{ModelFiles.SentenceModules}, the folders that it names, {ModelFiles.SentenceConfig} (or sentence_*_config.json) and "
            + $"{ModelFiles.SentencePrompts} into its directory.";
        return start.Shared.Sentence == SentenceSettings.None ? [] : [warning];
    }
}
