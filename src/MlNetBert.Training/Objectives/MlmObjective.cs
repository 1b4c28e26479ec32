using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Masked language modelling over blocks of tokens (Devlin et al. 2019), with fresh masks every epoch. The model's head runs at the masked
/// positions only; the loss is their cross entropy.
/// </summary>
public sealed class MlmObjective : IObjective
{
    private readonly MaskedLanguageModel _model;
    private readonly IBlockSource _blocks;
    private readonly MlmMasking _masking;
    private readonly int _stream;
    private readonly Device _device;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="blocks">The blocks to train on.</param>
    /// <param name="masking">How they are corrupted.</param>
    public MlmObjective(MaskedLanguageModel model, IBlockSource blocks, MlmMasking masking)
        : this(model, blocks, masking, RandomStreams.TrainingMasks)
    {
    }

    internal MlmObjective(MaskedLanguageModel model, IBlockSource blocks, MlmMasking masking, int stream)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(masking);
        _model = model;
        _blocks = blocks;
        _masking = masking;
        _stream = stream;
        _device = model.parameters().First().device;
    }

    /// <inheritdoc/>
    public nn.Module Model => _model;

    /// <inheritdoc/>
    public long Count => _blocks.Count;

    /// <inheritdoc/>
    public TrainingBatch Prepare(ReadOnlySpan<long> examples, int epoch)
    {
        var length = _blocks.BlockLength;
        var ids = new int[examples.Length * length];
        var lengths = new int[examples.Length];
        var positions = new List<int>();
        var labels = new List<int>();
        var inRow = new List<int>();
        long tokens = 0;
        for (var row = 0; row < examples.Length; row++)
        {
            var block = ids.AsSpan(row * length, length);
            lengths[row] = _blocks.Read(examples[row], block);
            tokens += lengths[row];
            inRow.Clear();
            _masking.Corrupt(block, _stream, epoch, examples[row], inRow, labels);
            foreach (var position in inRow)
                positions.Add((row * length) + position);
        }

        return new MlmBatch
        {
            Examples = examples.ToArray(),
            InputIds = ids,
            Rows = examples.Length,
            Length = length,
            Lengths = lengths.All(l => l == length) ? null : lengths,
            Positions = [.. positions],
            Labels = [.. labels],
            Targets = labels.Count,
            Tokens = tokens,
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(TrainingBatch batch, long dropoutSeed)
    {
        _model.SeedDropout(dropoutSeed);
        var masked = (MlmBatch)batch;
        using var scope = NewDisposeScope();
        var (hidden, labels) = Targets(masked);
        return _model.LossSum(hidden, labels).MoveToOuterDisposeScope();
    }

    /// <summary>Logits at the targets and their labels; the caller owns the dispose scope.</summary>
    internal (Tensor Logits, Tensor Labels) Logits(MlmBatch batch, ComputePrecision? precision = null)
    {
        var (hidden, labels) = Targets(batch, precision);
        return (_model.Head(hidden, precision), labels);                                     // [targets, vocabulary]
    }

    /// <summary>Hidden states at the targets and their labels; the caller owns the dispose scope.</summary>
    private (Tensor Hidden, Tensor Labels) Targets(MlmBatch batch, ComputePrecision? precision = null)
    {
        var inputIds = BatchTensors.Matrix(batch.InputIds, batch.Rows, batch.Length, _device); // [batch, sequence]
        // [batch, sequence]
        var attention = batch.Lengths is null ? null : BatchTensors.AttentionMask(batch.Lengths, batch.Length, _device);
        var hidden = _model.Backbone.forward(inputIds, attention, precision: precision).LastHiddenState; // [batch, sequence, hidden]
        var positions = BatchTensors.Vector(batch.Positions, _device);                       // [targets]
        return (hidden.reshape(-1, hidden.shape[2]).index_select(0, positions), BatchTensors.Vector(batch.Labels, _device));
    }
}
