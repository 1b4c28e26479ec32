using System.Globalization;
using System.Runtime.InteropServices;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Training;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using TorchSharp;

namespace MlNetBert.Evaluation;

/// <summary>
/// Measures a masked language model: loss, perplexity and accuracy over ALL masked tokens, with dropout off. Not for two threads at once.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class MlmEvaluator
{
    private readonly PretrainedModel _model;
    private readonly MlmEvaluationOptions _options;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <param name="options">How to measure; null for the defaults.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be, or asks for longer blocks than the model has positions
    /// for.</exception>
    /// <exception cref="InvalidOperationException">The model has no masked-language-modelling head.</exception>
    public MlmEvaluator(PretrainedModel model, MlmEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.Require<MaskedLanguageModel>("An evaluation");
        _model = model;
        _options = options ?? new MlmEvaluationOptions();
        _options.Validate(model);
    }

    private ComputePrecision Precision => TrainingDevice.Resolve(_options.Precision, torch.CPU);

    /// <summary>Measures the model on documents, with masks that follow from the seed.</summary>
    /// <param name="documents">The documents; empty ones are left out.</param>
    /// <param name="cancellationToken">Stops between documents and batches.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="InvalidDataException">The documents fill no block, or have no token that can be masked.</exception>
    /// <exception cref="InvalidOperationException">The loss is no finite number.</exception>
    public EvaluationResult Evaluate(IEnumerable<string> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        using var call = _model.Call();
        var tokenizer = _model.Tokenizer;
        var length = _options.BlockLength ?? Math.Min(new BlockOptions().BlockLength, _model.Configuration.LongestSequence);
        var blocks = new BlockArray(length, tokenizer.Vocabulary.Count);
        var grouper = new BlockGrouper(new BlockOptions { BlockLength = length }, tokenizer, blocks.Add);
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
        var masking = new TokenMasking(tokenizer, _options.Seed);
        masking.RequireTargets(blocks, "The documents to evaluate on");
        return Run((MaskedLanguageModel)call.Network, new MaskedBlocks(blocks, masking, RandomStreams.EvaluationCorruption),
            cancellationToken);
    }

    /// <summary>Measures the model on blocks that were masked elsewhere.</summary>
    /// <param name="path">A safetensors file; see <see cref="StoredMaskedBlocks"/>. Its blocks have their own length, and the seed does
    /// not matter.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="ModelFormatException">The file is not what it should be, was made for another model, or has no masked
    /// token.</exception>
    /// <exception cref="InvalidOperationException">The loss is no finite number.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public EvaluationResult EvaluateMasked(string path, CancellationToken cancellationToken = default)
    {
        using var call = _model.Call();
        var network = (MaskedLanguageModel)call.Network;
        return Run(network, new StoredMaskedBlocks(path, network.Config), cancellationToken);
    }

    private EvaluationResult Run(MaskedLanguageModel network, IBatchSource<MlmBatch> batches, CancellationToken cancellationToken)
    {
        var result = new HeldOutEvaluation(new MlmObjective(network, batches, Precision), _options.BatchSize).Run(cancellationToken);
        return double.IsFinite(result.Loss) ? result : throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"The model gives no figure: expected a finite loss, found {result.Loss} over {result.Targets} masked tokens. Its weights hold "
                + $"values that are no finite numbers, or too large for its precision."));
    }
}
