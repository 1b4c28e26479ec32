using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Blocks;
using MlNetBert.FillMask;
using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Mapping;
using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Tokenization;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using TorchSharp;

namespace MlNetBert.Pretraining;

/// <summary>
/// Trains a masked language model on the blocks of a token column, from nothing or on from a checkpoint, and gives the transformer that fills masks with it.
/// Blocks are grouped as <c>GroupTokenBlocks</c> says; without it, with its defaults. Rows that are blocks already are trained on as they are.
/// </summary>
public sealed class MlmPretrainingEstimator : IEstimator<FillMaskTransformer>
{
    private readonly IHost _host;
    private readonly ICancelable? _environment;
    private readonly int _seed;
    private readonly string _output;
    private readonly string _input;
    private readonly PretrainedModel? _start;
    private readonly MlmOptions _options;

    internal MlmPretrainingEstimator(IHostEnvironment environment, string output, string? input, PretrainedModel? start, MlmOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        options.Validate();
        _environment = environment as ICancelable;
        _seed = options.Seed ?? (environment as IHostEnvironmentInternal)?.Seed ?? 42;
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
    /// <exception cref="ArgumentException">The tokens are another vocabulary's than the checkpoint's, or their column does not tell its vocabulary.</exception>
    /// <exception cref="InvalidOptionsException">The options contradict the data: a block longer than the model's positions.</exception>
    /// <exception cref="InvalidDataException">The data gives no block to train on, or none to evaluate on.</exception>
    /// <exception cref="MlNetBert.Training.TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled and the options say to throw then.</exception>
    public FillMaskTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var channel = _host.Start("Pretrain");
        var column = TokenColumn.Find(input.Schema, _input, "inputColumnName");
        var tokenizer = TokenizerFor(column);
        var grouping = GroupingOf(column);
        var config = ConfigFor(tokenizer, grouping.BlockLength);
        var (training, evaluation) = Blocks(input, column, tokenizer, grouping);
        channel.Info(MessageSensitivity.None, "Training on {0} blocks of {1} tokens, evaluating on {2}.", training.Count, training.BlockLength, evaluation?.Count ?? 0);

        var device = TrainingDevice.Resolve(_options.Device);
        var network = NewNetwork(config);
        try
        {
            network.to(device);
            network.Precision = TrainingDevice.Resolve(_options.Precision, device);
            var result = Train(network, tokenizer, training, evaluation, config, channel);
            network.to(torch.CPU);
            network.Precision = ComputePrecision.Float32;
            var model = new PretrainedModel(new SharedModel(network, tokenizer, "pretrained here"));
            return new FillMaskTransformer(_host, _output, _input, model, result.History, _options.TopK, _options.Targets);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Columns.RequireTokens(inputSchema, _input, "inputColumnName");
        return Columns.With(
            inputSchema,
            new SchemaShape.Column(_output + ".Token", SchemaShape.Column.VectorKind.VariableVector, TextDataViewType.Instance, false),
            new SchemaShape.Column(_output + ".Score", SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false),
            new SchemaShape.Column(_output + ".Sequence", SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false));
    }

    private TrainingResult Train(
        MaskedLanguageModel network, WordPieceTokenizer tokenizer, IBlockSource training, IBlockSource? evaluation, ModelConfig config, IChannel channel)
    {
        var defaults = _options.Defaults(ModelArchitecture.Of(config), _start is not null, _seed);
        var masking = new MlmMasking(tokenizer, _seed, _options.MaskProbability, _options.MaskShare, _options.RandomShare);
        var fixedMasks = new MlmMasking(tokenizer, _seed, MlmOptions.EvaluationMaskProbability);
        using var threads = new ThreadCount(_options.Threads);
        var loop = new TrainingLoop(
            new MlmObjective(network, training, masking),
            evaluation is null ? null : new MlmEvaluation(network, evaluation, fixedMasks, _options.BatchSize ?? defaults.BatchSize),
            _options,
            defaults,
            Checkpoints(network, tokenizer, training, evaluation),
            progress => ChannelLog.Write(channel, progress),
            () => _environment?.IsCanceled == true);
        return loop.Run();
    }

    private TrainingCheckpoints? Checkpoints(MaskedLanguageModel network, WordPieceTokenizer tokenizer, IBlockSource training, IBlockSource? evaluation)
    {
        if (_options.CheckpointDirectory is not { } directory)
            return null;
        static string Text(FormattableString text) => FormattableString.Invariant(text);
        return new TrainingCheckpoints(new CheckpointStore(directory), new PretrainedModelState(network, tokenizer), new RunDescription(
        [
            new("objective", "masked language modelling"),
            new("data", training.Fingerprint),
            new("evaluation data", evaluation?.Fingerprint ?? "none"),
            new("vocabulary", tokenizer.Fingerprint),
            new("model", network.Config.ToJson().ToJsonString()),
            new("starts from", _start?.Source ?? "nothing"),
            new("masking", Text($"{_options.MaskProbability} of the tokens, {_options.MaskShare} masked, {_options.RandomShare} random")),
            new("precision", network.Precision.ToString()),
            new("device", network.parameters().First().device.ToString()),
            new("threads", Text($"{torch.get_num_threads()}")),
        ]));
    }

    private WordPieceTokenizer TokenizerFor(DataViewSchema.Column column)
    {
        if (_start is null)
            return TokenColumn.RequireTokenizer(column);
        ModelTokens.RequireSameVocabulary(column, _start.Tokenizer);
        return _start.Tokenizer;
    }

    private static BlockOptions GroupingOf(DataViewSchema.Column column)
    {
        var options = TokenColumn.BlocksOf(column) ?? new BlockOptions();
        var rows = (VectorDataViewType)column.Type;
        return rows.IsKnownSize ? options with { BlockLength = rows.Size } : options;
    }

    private ModelConfig ConfigFor(WordPieceTokenizer tokenizer, int blockLength)
    {
        var special = tokenizer.SpecialTokens;
        var config = _start?.Configuration ?? _options.Configuration ?? ModelArchitecture.Get(_options.Architecture ?? MlmOptions.DefaultArchitecture).CreateConfig(
            ModelSize.Parse(_options.Size),
            tokenizer.Vocabulary.Count,
            _options.MaxPositions ?? blockLength,
            new ModelTokenIds(special.Padding, special.Classification, special.Separator));
        new OptionsValidator()
            .Require(blockLength <= config.MaxPositions, "blockLength", blockLength, $"must be at most the model's {config.MaxPositions} positions")
            .Require(
                tokenizer.Vocabulary.Count <= config.VocabularySize,
                "Configuration.VocabularySize", config.VocabularySize, $"must be at least the tokenizer's {tokenizer.Vocabulary.Count} pieces")
            .ThrowIfAny(nameof(MlmOptions));
        return config;
    }

    private MaskedLanguageModel NewNetwork(ModelConfig config)
    {
        var network = ModelArchitecture.Of(config).CreateMaskedLanguageModel(config, _seed);
        if (_start is null)
            return network;
        using var copied = CheckpointWeights.FromTensors(Weights.ToTensors(_start.Network));
        Weights.Load(network, copied);
        return network;
    }

    private (IBlockSource Training, IBlockSource? Evaluation) Blocks(IDataView input, DataViewSchema.Column column, WordPieceTokenizer tokenizer, BlockOptions grouping)
    {
        var all = PackedBlocks.Collect(_host, input, column, tokenizer, grouping);
        if (all.Count == 0)
        {
            throw new InvalidDataException(
                $"Column '{_input}' gives no block to train on: expected at least {grouping.BlockLength} tokens, found fewer. Give more text, a smaller blockLength, or keep the remainder.");
        }

        if (_options.EvaluationData is { } data)
            return (all, EvaluationBlocks(input, data, tokenizer, grouping));
        if (_options.EvaluationShare == 0)
            return (all, null);
        if (all.Count < 2)
            throw new InvalidDataException($"EvaluationShare {_options.EvaluationShare} needs at least 2 blocks, one to hold out, but column '{_input}' gives {all.Count}. Give more text or a smaller blockLength.");
        return HeldOutBlocks.Split(all, _options.EvaluationShare);
    }

    private BlockArray EvaluationBlocks(IDataView input, IDataView data, WordPieceTokenizer tokenizer, BlockOptions grouping)
    {
        // Rows as the pipeline's first step takes them go through the same steps as the training rows did.
        var tokens = data.Schema.GetColumnOrNull(_input)?.Type is VectorDataViewType { ItemType: KeyDataViewType }
            ? data
            : ApplyTransformUtils.ApplyAllTransformsToData(_host, input, data);
        var column = TokenColumn.Find(tokens.Schema, _input, nameof(MlmOptions.EvaluationData));
        ModelTokens.RequireSameVocabulary(column, tokenizer);
        var blocks = PackedBlocks.Collect(_host, tokens, column, tokenizer, grouping);
        return blocks.Count > 0 ? blocks : throw new InvalidDataException(
            $"{nameof(MlmOptions.EvaluationData)} gives no block to evaluate on: expected at least {grouping.BlockLength} tokens, found fewer. Give more text, or keep the remainder.");
    }
}
