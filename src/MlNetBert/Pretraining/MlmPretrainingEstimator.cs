using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Blocks;
using MlNetBert.FillMask;
using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Mapping;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Tokenization;
using MlNetBert.Training;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;

namespace MlNetBert.Pretraining;

/// <summary>
/// Trains a masked language model on the blocks of a token column, from nothing or on from a checkpoint, and gives the transformer that
/// fills masks with it. Blocks are grouped as <c>GroupTokenBlocks</c> says; without it, with its defaults. Rows that are blocks already are
/// trained on as they are.
/// </summary>
public sealed class MlmPretrainingEstimator : IEstimator<FillMaskTransformer>
{
    private readonly IHost _host;
    private readonly IHostEnvironment _root;
    private readonly ICancelable? _environment;
    private readonly int _seed;
    private readonly string _output;
    private readonly string _input;
    private readonly PretrainedModel? _start;
    private readonly MlmOptions _options;

    internal MlmPretrainingEstimator(IHostEnvironment environment, string output, string? input, PretrainedModel? start, MlmOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        options.Validate(fromCheckpoint: start is not null);
        _environment = environment as ICancelable;
        _seed = options.SeedOf(environment);
        _root = environment;
        _host = environment.Register(nameof(MlmPretrainingEstimator));
        _output = output;
        _input = input ?? output;
        _start = start;
        _options = options;
    }

    /// <summary>Trains.</summary>
    /// <param name="input">Rows with the token column.</param>
    /// <returns>The transformer, with the trained model and what its training reported.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The token column is missing or holds something else.</exception>
    /// <exception cref="ArgumentException">The tokens are another vocabulary's than the checkpoint's, or their column does not tell its
    /// vocabulary.</exception>
    /// <exception cref="InvalidOptionsException">The options contradict the data: a block longer than the model's positions.</exception>
    /// <exception cref="InvalidDataException">The data gives no block to train on, or none to evaluate on.</exception>
    /// <exception cref="MlNetBert.Training.TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoint directory cannot be written to, or holds another run's checkpoints.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled and the options say to throw then.</exception>
    public FillMaskTransformer Fit(IDataView input)
    {
        using var channel = _host.Start("Pretrain");
        if (_options.CheckpointDirectory is { } directory)
            new CheckpointStore(directory).CheckWritable();
        using var host = new HostCancellation(_environment, new ChannelLog(channel));
        var (model, result) = Prepare(input, channel, _options.CancellationToken).Run(host, host.Token);
        return new FillMaskTransformer(_root, _output, _input, model, _options.Prediction, result.History, result.Evaluation);
    }

    /// <summary>Measures a few steps and says what <see cref="Fit"/> would take on these rows: time, memory and disk.</summary>
    /// <param name="input">Rows with the token column.</param>
    /// <param name="cancellationToken">Stops between rows and steps, as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>The estimate.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public TrainingCost EstimateCost(IDataView input, CancellationToken cancellationToken = default)
    {
        using var channel = _host.Start("Estimate the cost");
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_options.CancellationToken, cancellationToken);
        return Prepare(input, channel, linked.Token).EstimateCost(cancellationToken: linked.Token);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var tokens = Columns.RequireTokens(inputSchema, _input, "inputColumnName");
        if (_start is null)
            TokenColumn.RequirePromisedTokenizer(tokens);
        return Columns.With(inputSchema, [.. FillMaskTransformer.Promised(_output)]);
    }

    private MlmPretraining Prepare(IDataView input, IChannel channel, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.PrepareProbes();
        var settings = DeviceChoice.OfContext(_options, _root, channel);
        var column = TokenColumn.Find(input.Schema, _input, "inputColumnName");
        var tokenizer = TokenizerFor(column);
        foreach (var word in _options.Prediction.CandidateWords)
            tokenizer.FirstPiece(word);
        var grouping = PackedBlocks.GroupingOf(column);
        // Before the rows are read: what the options contradict is told at once.
        var config = MlmPretraining.ConfigurationFor(tokenizer, grouping.BlockLength, _start, settings);
        TrainingDevice.Resolve(settings.Device);
        var (training, evaluation) = Blocks(input, column, tokenizer, grouping, cancellationToken);
        new OptionsValidator()
            .Require(
                evaluation is null || evaluation.BlockLength <= config.LongestSequence,
                nameof(MlmOptions.EvaluationData),
                evaluation?.BlockLength,
                $"must have blocks of at most the model's {config.LongestSequence} positions")
            .ThrowIfAny(nameof(MlmOptions));
        channel.Info(
            MessageSensitivity.None,
            "Training on {0} blocks of {1} tokens, evaluating on {2}.",
            training.Count,
            training.BlockLength,
            evaluation?.Count ?? 0);
        foreach (var warning in DataTrouble.In(training, tokenizer))
            channel.Warning(MessageSensitivity.None, "{0}", warning);
        var options = _options.CheckpointDirectory is null ? settings : settings with
        {
            CheckpointDirectory = RowsFolder.Of(_options, training.Fingerprint, warning =>
                channel.Warning(MessageSensitivity.None, "{0}", warning)),
        };
        var pretraining = new MlmPretraining(tokenizer, training, evaluation, _start, options, _seed);
        foreach (var warning in (_start?.Shared.TakeWarnings() ?? []).Concat(pretraining.Warnings))
            channel.Warning(MessageSensitivity.None, "{0}", warning);
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
        var (training, heldOut) = PackedBlocks.Split(all, _options.EvaluationFraction, $"Column '{_input}'");
        return (
            training,
            _options.EvaluationData is { } data ? EvaluationBlocks(input, data, tokenizer, grouping, cancellationToken) : heldOut);
    }

    private BlockArray EvaluationBlocks(
        IDataView input, IDataView data, SubwordTokenizer tokenizer, BlockOptions grouping, CancellationToken cancellationToken)
    {
        // Rows as the pipeline's first step takes them go through the same steps as the training rows did.
        var tokens = data.Schema.GetColumnOrNull(_input)?.Type is VectorDataViewType { ItemType: KeyDataViewType }
            ? data
            : EvaluationReplay.Apply(_host, input, [_input], data);
        var column = TokenColumn.Find(tokens.Schema, _input, nameof(MlmOptions.EvaluationData));
        ModelTokens.RequireSameVocabulary(column, tokenizer);
        var own = ((VectorDataViewType)column.Type).IsKnownSize ? PackedBlocks.GroupingOf(column) : grouping;
        var blocks = PackedBlocks.Collect(_host, tokens, column, tokenizer, own, cancellationToken);
        return blocks.Count > 0
            ? blocks
            : throw new InvalidDataException(
                $"{nameof(MlmOptions.EvaluationData)} gives no block to evaluate on: expected at least {grouping.BlockLength} tokens, "
                    + "found fewer. Give more text, or keep the remainder.");
    }
}
