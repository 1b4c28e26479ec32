using System.Globalization;
using System.Runtime.InteropServices;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using TorchSharp;

namespace MlNetBert.Evaluation;

/// <summary>
/// Measures a pretrained model by what it was trained for: the loss over ALL targets and what else the objective measures, with dropout
/// off. Not for two threads at once.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class PretrainingEvaluator
{
    private readonly PretrainedModel _model;
    private readonly PretrainingEvaluationOptions _options;
    private readonly PretrainingTask _task;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <param name="options">How to measure; null for the defaults.</param>
    /// <param name="task">What is measured; null for the objective that the model was pretrained for: the one that its config.json names,
    /// else the first that <see cref="PretrainingTask.Serves"/> it.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be, or asks for longer blocks than the model has positions
    /// for.</exception>
    /// <exception cref="InvalidOperationException">The model has no trained head of the objective, or was pretrained for one that is not
    /// registered.</exception>
    public PretrainingEvaluator(PretrainedModel model, PretrainingEvaluationOptions? options = null, PretrainingTask? task = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        string? unknown = null;
        _task = task ?? RecordedObjective.TaskOf(model, out unknown) ?? PretrainingTask.Default;
        if (unknown is not null)
            throw new InvalidOperationException(
                $"The model ({model.Source}) was pretrained for the objective '{unknown}', which this program does not have. Add it by "
                    + $"PretrainingTask.Register, or name one of {string.Join(", ", PretrainingTask.All.Select(known => known.Name))}.");
        _task.RequireHead(model, "An evaluation");
        _model = model;
        _options = options ?? new PretrainingEvaluationOptions();
        _options.Validate(model);
    }

    /// <summary>What is measured.</summary>
    public PretrainingTask Task => _task;

    private SubwordTokenizer Tokenizer => _task.TokenizerFor(_model.Tokenizer, _model.Config.VocabularySize);

    private ComputePrecision Precision => TrainingDevice.Resolve(_options.Precision, torch.CPU);

    /// <summary>Measures the model on documents, with a corruption that follows from the seed.</summary>
    /// <param name="documents">The documents; empty ones are left out.</param>
    /// <param name="cancellationToken">Stops between documents and batches.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="InvalidDataException">The documents fill no block, or have no target.</exception>
    /// <exception cref="InvalidOperationException">The loss is not finite.</exception>
    public EvaluationResult Evaluate(IEnumerable<string> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        using var call = _model.Call();
        var tokenizer = Tokenizer;
        var length = _options.BlockLength ?? Math.Min(new BlockOptions().BlockLength, _model.Config.LongestSequence);
        var blocks = new BlockArray(length, tokenizer.Vocabulary.Count);
        var grouper = new BlockGrouper(_task.GroupingFor(new BlockOptions { BlockLength = length }), tokenizer, blocks.Add);
        var tokens = new List<int>();
        foreach (var document in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tokens.Clear();
            tokenizer.EncodeToIds(document, tokens);
            grouper.Add(CollectionsMarshal.AsSpan(tokens));
        }

        grouper.Complete();
        if (blocks.Count == 0)
            throw new InvalidDataException(
                $"The data fills no block to evaluate on: expected at least {length} tokens, found {grouper.Tokens}. Give more text "
                    + "or a smaller block length.");
        return Run(blocks, "The documents to evaluate on", call, cancellationToken);
    }

    /// <summary>Measures the model on blocks that another program has corrupted.</summary>
    /// <param name="path">The file, in the format that <see cref="PretrainingTask.CreateStoredObjective"/> reads. Its blocks have their
    /// own length, and the seed does not matter, except for replaced-token detection, which takes <c>input_ids</c> as they are and
    /// corrupts them itself.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="ModelFormatException">The file is not what it should be, was made for another model, or has no target.</exception>
    /// <exception cref="NotSupportedException">The objective has no format for such a file.</exception>
    /// <exception cref="InvalidOperationException">The loss is not finite.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public EvaluationResult EvaluateStored(string path, CancellationToken cancellationToken = default)
    {
        using var call = _model.Call();
        if (_task.CorruptsStoredBlocks)
        {
            var blocks = StoredBlocks.ReadBlocks(path, _model.Config, _model.Tokenizer.Vocabulary.Count);
            return Run(blocks, $"The blocks of {path}", call, cancellationToken);
        }

        return Run(
            _task.CreateStoredObjective(call.Network, path, Precision) ?? throw new NotSupportedException(
                $"The objective '{_task.Name}' has no format for blocks that another program has corrupted. Evaluate it on texts."),
            cancellationToken);
    }

    private EvaluationResult Run(IBlockSource blocks, string what, ModelCall call, CancellationToken cancellationToken)
    {
        var data = new PretrainingData(blocks, Tokenizer, _task.CreateOptions(), _options.Seed)
        {
            IsHeldOut = true,
            Precision = Precision,
            Measured = _model,
        };
        _task.RequireTargets(data, what);
        return Run(_task.CreateObjective(call.Network, data), cancellationToken);
    }

    private EvaluationResult Run(Objective objective, CancellationToken cancellationToken)
    {
        using var owned = objective as IDisposable;
        var result = new HeldOutEvaluation(objective, _options.BatchSize).Run(cancellationToken);
        return double.IsFinite(result.Loss) ? result : throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"The model gives no figure: expected a finite loss, found {result.Loss} over {result.TargetCount} {_task.Card.Target}s. Its "
                + $"weights hold values that are no finite numbers, or too large for its precision."));
    }
}
