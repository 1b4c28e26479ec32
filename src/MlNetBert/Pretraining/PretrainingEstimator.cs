using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Blocks;
using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Runs;
using MlNetBert.Text.Blocks;
using MlNetBert.Tokenization;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;

namespace MlNetBert.Pretraining;

/// <summary>
/// Pretrains a model on the blocks of a token column, from scratch or from a checkpoint, and gives a transformer that uses it. Blocks
/// are grouped as <c>GroupTokenBlocks</c> says; without it, with its defaults. Rows that are blocks already are trained on as they are.
/// An objective's own estimator says which transformer.
/// </summary>
/// <typeparam name="TTransformer">The transformer.</typeparam>
[Experimental("MLNETBERT001")]
public abstract class PretrainingEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : class, ITransformer
{
    private readonly IHost _host;
    private readonly PretrainedModel? _start;
    private readonly PretrainingOptions _options;

    /// <summary>Makes the base of an estimator.</summary>
    /// <param name="environment">The context, an <see cref="MLContext"/>.</param>
    /// <param name="outputColumnName">The column that the transformer adds, or the prefix of several.</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <param name="options">How to train, and for what.</param>
    /// <param name="model">The model to start from; null for new weights.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be; every fault is listed.</exception>
    protected PretrainingEstimator(IHostEnvironment environment, string outputColumnName, string? inputColumnName,
        PretrainingOptions options, PretrainedModel? model = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(fromCheckpoint: model is not null);
        _host = environment.Register(GetType().Name);
        _start = model;
        _options = options;
        Environment = environment;
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName ?? outputColumnName;
    }

    /// <summary>The context.</summary>
    protected IHostEnvironment Environment { get; }

    /// <summary>The column that the transformer adds, or the prefix of several.</summary>
    protected string OutputColumnName { get; }

    /// <summary>The token column.</summary>
    protected string InputColumnName { get; }

    /// <summary>The columns that the transformer adds, made with <see cref="NewColumn"/>.</summary>
    protected abstract IEnumerable<SchemaShape.Column> Outputs { get; }

    /// <summary>Trains.</summary>
    /// <param name="input">Rows with the token column.</param>
    /// <returns>The transformer, with the trained model and what its training reported.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The token column is missing or holds something else.</exception>
    /// <exception cref="ArgumentException">The tokens are another vocabulary's than the checkpoint's, or their column does not tell its
    /// vocabulary.</exception>
    /// <exception cref="InvalidOptionsException">The options contradict the data: a block longer than the model's positions.</exception>
    /// <exception cref="InvalidDataException">The data gives no block to train on, or none to evaluate on.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoint directory cannot be written to, or holds another run's checkpoints.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled and the options say to throw then.</exception>
    public TTransformer Fit(IDataView input)
    {
        using var channel = _host.Start("Pretrain");
        if (_options.CheckpointDirectory is { } directory)
            new CheckpointStore(directory).CheckWritable();
        using var host = new HostCancellation(Environment as ICancelable, new ChannelLog(channel));
        var (model, result) = Prepare(input, channel, _options.CancellationToken).Run(host, host.Token);
        try
        {
            return CreateTransformer(new PretrainingResult(model, result), input);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Measures a few steps and says what <see cref="Fit"/> would take on these rows: time, memory and disk.</summary>
    /// <param name="input">Rows with the token column.</param>
    /// <param name="cancellationToken">Stops between rows and steps, as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>The estimate.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public TrainingEstimate Estimate(IDataView input, CancellationToken cancellationToken = default)
    {
        using var channel = _host.Start("Estimate the cost");
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_options.CancellationToken, cancellationToken);
        return Prepare(input, channel, linked.Token).Estimate(cancellationToken: linked.Token);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var tokens = Columns.RequireTokens(inputSchema, InputColumnName, "inputColumnName");
        if (_start is null)
            TokenColumn.RequirePromisedTokenizer(tokens);
        return Columns.With(inputSchema, [.. Outputs]);
    }

    /// <summary>Makes the transformer.</summary>
    /// <param name="result">The trained model and what the run came to; they are the transformer's to dispose of.</param>
    /// <param name="input">The rows that were trained on.</param>
    /// <returns>The transformer.</returns>
    protected abstract TTransformer CreateTransformer(PretrainingResult result, IDataView input);

    /// <summary>Rejects a tokenizer that the transformer cannot do with, before training. By default none.</summary>
    /// <param name="tokenizer">The tokenizer of the model that is trained.</param>
    protected virtual void CheckTokenizer(SubwordTokenizer tokenizer)
    {
    }

    /// <summary>A column that the transformer adds.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <returns>The column, as a schema's shape has it.</returns>
    protected static SchemaShape.Column NewColumn(string name, DataViewType type)
    {
        var kind = type switch
        {
            VectorDataViewType { IsKnownSize: true } => SchemaShape.Column.VectorKind.Vector,
            VectorDataViewType => SchemaShape.Column.VectorKind.VariableVector,
            _ => SchemaShape.Column.VectorKind.Scalar,
        };
        var item = type.GetItemType();
        return item is KeyDataViewType key
            ? new SchemaShape.Column(name, kind, ColumnTypeExtensions.PrimitiveTypeFromType(key.RawType), isKey: true)
            : new SchemaShape.Column(name, kind, item, isKey: false);
    }

    private PretrainingRun Prepare(IDataView input, IChannel channel, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.PrepareProbes();
        var settings = DeviceChoice.OfContext(_options, Environment, channel);
        var column = TokenColumn.Find(input.Schema, InputColumnName, "inputColumnName");
        var tokenizer = TokenizerFor(column);
        CheckTokenizer(tokenizer);
        _options.Task.RequireTokenizer(PretrainingRun.TokenizerFor(tokenizer, _start, _options));
        var asked = PackedBlocks.GroupingOf(column);
        var grouping = _options.Task.GroupingFor(asked);
        if (grouping.Packing != asked.Packing && !PackedBlocks.AreBlocks(column))
            channel.Info(MessageSensitivity.None, _options.Task.DocumentsApart);
        // Before the rows are read: what the options contradict is reported first.
        var config = PretrainingRun.ConfigurationFor(tokenizer, grouping.BlockLength, _start, settings);
        TrainingDevice.Resolve(settings.Device);
        var (training, evaluation) = Blocks(input, column, tokenizer, grouping, cancellationToken);
        new OptionsValidator()
            .Require(
                evaluation is null || evaluation.BlockLength <= config.LongestSequence,
                nameof(PretrainingOptions.EvaluationData),
                evaluation?.BlockLength,
                $"must have blocks of at most the model's {config.LongestSequence} positions")
            .ThrowIfAny(_options.GetType().Name);
        channel.Info(
            MessageSensitivity.None,
            "Training on {0} blocks of {1} tokens, evaluating on {2}.",
            training.Count,
            training.BlockLength,
            evaluation?.Count ?? 0);
        channel.Warn(DataTrouble.In(training, tokenizer));
        var options = RowsFolder.In(settings, training.Fingerprint, channel);
        var pretraining = new PretrainingRun(tokenizer, training, evaluation, _start, options, TrainingRun.SeedOf(_options, Environment));
        channel.Warn((_start?.Shared.TakeWarnings() ?? []).Concat(pretraining.Warnings));
        return pretraining;
    }

    private SubwordTokenizer TokenizerFor(DataViewSchema.Column column)
    {
        if (_start is null)
            return TokenColumn.RequireTokenizer(column);
        ModelTokens.RequireSameVocabulary(column, _start.Tokenizer);
        return _start.Tokenizer;
    }

    private (IBlockSource Training, IBlockSource? Evaluation) Blocks(
        IDataView input, DataViewSchema.Column column, SubwordTokenizer tokenizer, BlockOptions grouping,
        CancellationToken cancellationToken)
    {
        var all = PackedBlocks.Collect(_host, input, column, tokenizer, grouping, cancellationToken);
        var (training, heldOut) = PackedBlocks.Split(all, _options.EvaluationFraction, $"Column '{InputColumnName}'");
        return (
            training,
            _options.EvaluationData is { } data ? EvaluationBlocks(input, data, tokenizer, grouping, cancellationToken) : heldOut);
    }

    private BlockArray EvaluationBlocks(
        IDataView input, IDataView data, SubwordTokenizer tokenizer, BlockOptions grouping, CancellationToken cancellationToken)
    {
        // Rows as the pipeline's first step takes them go through the same steps as the training rows did.
        var tokens = data.Schema.GetColumnOrNull(InputColumnName)?.Type is VectorDataViewType { ItemType: KeyDataViewType }
            ? data
            : EvaluationReplay.Apply(_host, input, [InputColumnName], data);
        var column = TokenColumn.Find(tokens.Schema, InputColumnName, nameof(PretrainingOptions.EvaluationData));
        ModelTokens.RequireSameVocabulary(column, tokenizer);
        var own = PackedBlocks.AreBlocks(column) ? PackedBlocks.GroupingOf(column) : grouping;
        var blocks = PackedBlocks.Collect(_host, tokens, column, tokenizer, own, cancellationToken);
        return blocks.Count > 0
            ? blocks
            : throw new InvalidDataException(
                $"{nameof(PretrainingOptions.EvaluationData)} gives no block to evaluate on: expected at least "
                    + $"{grouping.BlockLength} tokens, found fewer. Give more text, or keep the remainder.");
    }
}
