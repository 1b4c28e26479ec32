using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>
/// Denoising (T5, Raffel et al. 2020; BART, Lewis et al. 2020): an encoder reads a corrupted block, and each token of the target is
/// predicted from those before it.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class DenoisingObjective : VocabularyObjective
{
    private readonly SequenceToSequenceModel _model;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="batches">Where the batches come from: <see cref="DenoisingBlocks"/> or <see cref="StoredDenoising"/>.</param>
    /// <param name="precision">The number format of matrix multiplications of an evaluation; null is the model's own. A loss to train on
    /// takes the model's own.</param>
    public DenoisingObjective(
        SequenceToSequenceModel model, IBatchSource<CorruptedBatch> batches, ComputePrecision? precision = null)
        : base(model, model is null ? throw new ArgumentNullException(nameof(model)) : model.Head, "denoising", batches, precision) =>
        _model = model;

    private protected override Tensor HiddenStates(CorruptedBatch batch, ComputePrecision? precision)
    {
        var source = InputsOf(batch);
        var (device, length) = (source.Ids.device, batch.DecoderIds!.Length / batch.Rows);
        var ids = BatchTensors.Matrix(batch.DecoderIds, batch.Rows, length, device);         // [batch, target]
        // Behind a row's last target the decoder need compute nothing.
        var needed = batch.DecoderLengths is { } lengths ? BatchTensors.AttentionMask(lengths, length, device) : null;
        var encoded = _model.Encode(source, precision);
        return _model.Decoder.forward(new(ids, needed) { Encoded = encoded }, precision: precision).LastHiddenState;
    }
}
