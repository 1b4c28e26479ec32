using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>
/// Masked language modeling (Devlin et al. 2019). The model's head runs at the masked positions only; the loss is their cross entropy. The
/// figures are loss, perplexity and accuracy over ALL masked tokens.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class MlmObjective : Objective
{
    private readonly MaskedLanguageModel _model;
    private readonly IBatchSource<MlmBatch> _batches;
    private readonly ComputePrecision? _precision;
    private readonly Device _device;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="batches">Where the batches come from: <see cref="MaskedBlocks"/> or <see cref="StoredMaskedBlocks"/>.</param>
    /// <param name="precision">The number format of matrix multiplications; null is the model's own. A loss to train on takes the model's
    /// own.</param>
    public MlmObjective(MaskedLanguageModel model, IBatchSource<MlmBatch> batches, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        _model = model;
        _batches = batches;
        _precision = precision;
        _device = model.parameters().First().device;
    }

    /// <summary>Creates the objective for training: fresh masks every epoch.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="blocks">The blocks to train on.</param>
    /// <param name="corruption">How they are corrupted.</param>
    public MlmObjective(MaskedLanguageModel model, IBlockSource blocks, ICorruption corruption)
        : this(model, new MaskedBlocks(blocks, corruption))
    {
    }

    /// <inheritdoc/>
    public override nn.Module Model => _model;

    /// <inheritdoc/>
    public override long Count => _batches.Count;

    /// <inheritdoc/>
    public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) => _batches.Prepare(examples, at);

    /// <inheritdoc/>
    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
    {
        _model.SeedDropout(dropoutSeed);
        using var scope = NewDisposeScope();
        var (hidden, labels) = Targets((MlmBatch)batch, precision: null);
        return [new LossTerm("mlm", _model.Head.LossSum(hidden, labels).MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public override void Evaluate(TrainingBatch batch, MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(sums);
        if (!batch.HasTargets)
            return;
        using var scope = NewDisposeScope();
        var (hidden, labels) = Targets((MlmBatch)batch, _precision);
        var (loss, right) = _model.Head.Score(hidden, labels, _precision);
        sums.Add(MetricSums.Loss, loss);
        sums.Add(MetricSums.Correct, right);
        sums.Add(MetricSums.Targets, labels.shape[0]);
    }

    /// <inheritdoc/>
    public override EvaluationResult Result(MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return EvaluationResult.FromTokens(sums.MeanPerTarget, sums.Accuracy, (long)sums[MetricSums.Targets]);
    }

    /// <summary>Hidden states at the targets and their labels; the caller owns the dispose scope.</summary>
    private (Tensor Hidden, Tensor Labels) Targets(MlmBatch batch, ComputePrecision? precision)
    {
        var inputIds = BatchTensors.Matrix(batch.InputIds, batch.Rows, batch.Length, _device); // [batch, sequence]
        var attention = batch.AttentionMask is { } mask ? BatchTensors.Matrix(mask, batch.Rows, batch.Length, _device)
            : batch.Lengths is { } lengths ? BatchTensors.AttentionMask(lengths, batch.Length, _device)
            : null;                                                                          // [batch, sequence]
        var hidden = _model.Backbone.forward(new(inputIds, attention), precision: precision).LastHiddenState; // [batch, sequence, hidden]
        var positions = BatchTensors.Vector(batch.Positions, _device);                       // [targets]
        return (hidden.reshape(-1, hidden.shape[2]).index_select(0, positions), BatchTensors.Vector(batch.Labels, _device));
    }
}
