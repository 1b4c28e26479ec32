using System.Globalization;
using MlNetBert.Blocks;
using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Pretraining;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Corpora;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Metrics;

namespace MlNetBert;

/// <summary>
/// Pretrains from files to a model directory: a vocabulary, a token store, training with checkpoints and metrics, the model. Whatever is
/// there already from the same data and settings is used again, so that a run that was stopped goes on at once.
/// </summary>
public sealed class CorpusPretraining
{
    private const string MetricsName = "metrics.jsonl";

    private static readonly string[] WrittenAtTheEnd =
        [
            MetricsName, ModelFiles.Config, ModelFiles.Weights, .. ModelFiles.TokenizerFiles, ModelFiles.Card,
        ];

    private readonly CorpusPretrainingOptions _options;
    private readonly PretrainingOptions _training;
    private readonly SubwordTokenizingOptions _vocabulary;
    private BlockOptions _blocks;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">The run.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public CorpusPretraining(CorpusPretrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _vocabulary = options.Vocabulary ?? new SubwordTokenizingOptions();
        _training = options.Training with { CheckpointDirectory = options.CheckpointDirectory, Resume = options.Resume };
        _blocks = options.Blocks;
        var evaluated = options.EvaluationFiles.Count > 0 || options.Training.EvaluationFraction > 0;
        Action[] checks = [
            () => _blocks = options.Training.Task.GroupingFor(options.Blocks),
            options.Validate,
            options.Corpus.Validate,
            _vocabulary.Validate,
            () => ValidateBlocks(options, _blocks),
            () => _training.Validate(options.BaseModel is not null, evaluated),
        ];
        var faults = checks.SelectMany(FaultsOf).ToList();
        if (faults.Count > 0)
            throw new InvalidOptionsException(nameof(CorpusPretrainingOptions), faults);
    }

    /// <summary>Trains and writes the model directory.</summary>
    /// <param name="messages">Is told what is being done, a line each; null for none.</param>
    /// <param name="cancellationToken">Cancels the run, as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>The model and what the run came to; dispose of it.</returns>
    /// <exception cref="CheckpointException">The output directory holds something else, cannot be written, or another run is in
    /// it.</exception>
    /// <exception cref="CorpusException">A file is not what it should be.</exception>
    /// <exception cref="InvalidDataException">The files give no block to train or evaluate on.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; its state is saved.</exception>
    public PretrainingResult Run(IProgress<string>? messages = null, CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_training.CancellationToken, cancellationToken);
        using var directory = Enter(messages);
        using var prepared = Prepare(messages, linked.Token);
        var metrics = new MetricsFile(Path.Combine(_options.OutputDirectory, MetricsName));
        var options = _training with { Progress = new TrainingListeners(metrics, _training.Progress) };
        var run = new PretrainingRun(prepared.Tokenizer, prepared.Training, prepared.Evaluation, _options.BaseModel, options);
        Warn(messages, run.Warnings);
        var (model, result) = run.Run(cancellationToken: linked.Token);
        try
        {
            model.Save(_options.OutputDirectory);
            return new PretrainingResult(model, result);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Measures a few steps and says what the whole run would take; nothing but the vocabulary and the token store is written.
    /// </summary>
    /// <param name="messages">Is told what is being done, a line each; null for none.</param>
    /// <param name="cancellationToken">Stops it, as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>The estimate.</returns>
    /// <exception cref="CheckpointException">As <see cref="Run"/>.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public TrainingEstimate Estimate(IProgress<string>? messages = null, CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_training.CancellationToken, cancellationToken);
        using var directory = Enter(messages);
        using var prepared = Prepare(messages, linked.Token);
        return new PretrainingRun(prepared.Tokenizer, prepared.Training, prepared.Evaluation, _options.BaseModel, _training)
            .Estimate(cancellationToken: linked.Token);
    }

    private PreparedCorpus Prepare(IProgress<string>? messages, CancellationToken cancellationToken)
    {
        _training.PrepareProbes();
        new CheckpointStore(_options.DataDirectory).CheckWritable();
        AtomicDirectory.RemoveLeftovers(_options.DataDirectory);
        var (corpus, evaluationCorpus) = OpenCorpora(messages);
        var tokenizer = PretrainingRun.TokenizerFor(
            _options.BaseModel?.Tokenizer ?? new RunVocabulary(_options, messages).TokenizerFor(corpus, cancellationToken),
            _options.BaseModel, _training);
        var configuration = PretrainingRun.ConfigurationFor(tokenizer, _blocks.BlockLength, _options.BaseModel, _training);
        _training.Task.RequireTokenizer(tokenizer);
        if (_blocks.Packing != _options.Blocks.Packing)
            messages?.Report(_training.Task.DocumentsApart);
        TrainingPlace.RequireMemory(
            _training, configuration, _blocks.BlockLength, _training.Task.TargetFraction(_training),
            _training.Task.GeneratorConfigFor(configuration, _options.BaseModel));
        var store = Store("training.tokens", corpus, tokenizer, messages, cancellationToken);
        if (evaluationCorpus is not null)
        {
            var evaluation = Store("evaluation.tokens", evaluationCorpus, tokenizer, messages, cancellationToken);
            return new PreparedCorpus(tokenizer, store, store, evaluation);
        }

        var (training, heldOut) = PackedBlocks.Split(
            store, _options.Training.EvaluationFraction, string.Join(", ", _options.TrainingFiles));
        return new PreparedCorpus(tokenizer, store, training, heldOut);
    }

    /// <summary>
    /// Finds the texts. What the run writes, and the vocabulary that it reads, are none, wherever they lie; so a run that is resumed finds
    /// the same files.
    /// </summary>
    private (Corpus Training, Corpus? Evaluation) OpenCorpora(IProgress<string>? messages)
    {
        var options = _options.Corpus.Excluding(
            [_options.OutputDirectory, .. _vocabulary.VocabularyFile is { } file ? [file] : Array.Empty<string>()]);
        var training = Corpus.Open(_options.TrainingFiles, options);
        var evaluation = _options.EvaluationFiles.Count == 0 ? null : Corpus.Open(_options.EvaluationFiles, options);
        options.RequireUsed([training, .. evaluation is null ? Array.Empty<Corpus>() : [evaluation]]);
        Warn(messages, training.Notes.Concat(evaluation?.Notes ?? []));
        var shared = evaluation?.Files.Where(evaluated => training.Contains(evaluated.Path)).ToList() ?? [];
        if (shared.Count > 0)
        {
            string warning = string.Create(
                CultureInfo.InvariantCulture,
                $"{shared.Count} of the {evaluation!.Files.Count} files to evaluate on are trained on, too (the first: {shared[0].Path}): "
                    + $"the figures say nothing of new texts.");
            Warn(messages, [warning]);
        }
        return (training, evaluation);
    }

    internal static void Warn(IProgress<string>? messages, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
            messages?.Report("Warning: " + warning);
    }

    /// <summary>Takes the output directory for this run, before anything in it is read or written.</summary>
    private RunDirectory Enter(IProgress<string>? messages)
    {
        var directory = RunDirectory.Enter(_options.OutputDirectory, new CheckpointStore(_options.CheckpointDirectory), _options.Resume);
        try
        {
            // A dry run leaves the vocabulary and the token store, and nothing else.
            string[] ours = [RunDirectory.MarkName, CorpusPretrainingOptions.DataFolder, "lost+found"];
            var others = Directory.EnumerateFileSystemEntries(directory.Path).Select(path => Path.GetFileName(path)!)
                .Except(ours, StringComparer.Ordinal).ToList();
            if (!_options.Resume && others.Count > 0)
                throw new CheckpointException(directory.Path,
                    "expected an empty directory for a new run, found files "
                        + $"({string.Join(", ", others.Order(StringComparer.Ordinal).Take(5))}). Resume the run that is there, or choose "
                        + "another directory.");
            // What the end writes must be possible now.
            if (WrittenAtTheEnd.FirstOrDefault(name => Directory.Exists(Path.Combine(directory.Path, name))) is { } inTheWay)
                throw new CheckpointException(Path.Combine(directory.Path, inTheWay),
                    "expected room for a file of the run, found a directory. Move it away, or choose another directory.");
            AtomicDirectory.RemoveLeftovers(directory.Path);
            if (directory.Warning is { } warning)
                messages?.Report("Warning: " + warning);
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private TokenStore Store(
        string name, Corpus corpus, SubwordTokenizer tokenizer, IProgress<string>? messages, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_options.DataDirectory, name);
        Directory.CreateDirectory(_options.DataDirectory);
        var builder = new TokenStoreBuilder(tokenizer, _blocks);
        var read = new CorpusStatistics();
        if (!builder.TryOpen(path, corpus.Fingerprint, out var store, out var reason))
        {
            if (reason is not null)
                messages?.Report($"{path} is built again from the texts: {reason}");
            messages?.Report(
                string.Create(CultureInfo.InvariantCulture, $"Tokenizing {corpus.Files.Count} file(s), {corpus.Length / 1e6:0.0} MB."));
            store = builder.OpenOrBuild(path, corpus, cancellationToken: cancellationToken, statistics: read);
        }

        var seen = store.Statistics;
        if (store.Count == 0)
        {
            Warn(messages, read.Notes);
            store.Dispose();
            throw new InvalidDataException(
                $"{string.Join(", ", corpus.Files.Select(f => f.Path))}: expected at least one block of {_blocks.BlockLength} "
                    + $"tokens, found {seen.Tokens} tokens. Give more text, smaller blocks (BlockOptions.BlockLength), or keep the "
                    + "remainder (BlockOptions.Remainder).");
        }

        Warn(messages, DataTrouble.In(seen).Union(read.Notes, StringComparer.Ordinal));
        return store;
    }

    /// <summary>With the tokenizer where it is known; a vocabulary that is to be learnt is checked for when it is there.</summary>
    private static void ValidateBlocks(CorpusPretrainingOptions options, BlockOptions blocks)
    {
        if (options.BaseModel is { } start)
            blocks.Validate(start.Tokenizer);
        else
            blocks.Validate();
    }

    private static IEnumerable<string> FaultsOf(Action check)
    {
        try
        {
            check();
            return [];
        }
        catch (InvalidOptionsException e)
        {
            return e.Errors;
        }
    }

    private sealed record PreparedCorpus(SubwordTokenizer Tokenizer, TokenStore Store, IBlockSource Training,
        IBlockSource? Evaluation) : IDisposable
    {
        public void Dispose()
        {
            Store.Dispose();
            (Evaluation as IDisposable)?.Dispose();
        }
    }
}
