using MlNetBert.Models;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.SequenceToSequence;

/// <summary>A text-to-text model: the encoder reads the source, the decoder predicts the target.</summary>
internal sealed class DecodedAnswerObjective(
    SequenceToSequenceModel model, SequenceExamples<TargetText> examples, double labelSmoothing, WrittenTexts? written)
    : TextToTextObjective(model, model.Head, examples, labelSmoothing, written)
{
    protected override (Tensor Hidden, Tensor Labels) Targets(SequenceInputs inputs, SequenceBatch<TargetText> batch)
    {
        var length = batch.Labels.Max(label => label.Ids.Length);
        var ids = new int[batch.Labels.Count * length];
        Array.Fill(ids, (int)Losses.IgnoredLabel);
        foreach (var (row, label) in batch.Labels.Index())
            label.Ids.CopyTo(ids, row * length);
        var labels = tensor(ids, ScalarType.Int64, Device).reshape(batch.Labels.Count, length); // [batch, target]
        var (hidden, targets) = ((SequenceToSequenceModel)Network).Targets(new(inputs.InputIds, inputs.AttentionMask), labels);
        if (targets.shape[0] == batch.TargetCounts[0])
            return (hidden, targets);
        // Places without a target, which only the host knows without waiting.
        long[] places = [.. Enumerable.Range(0, ids.Length).Where(i => ids[i] != Losses.IgnoredLabel)];
        var chosen = tensor(places, device: Device);
        return (hidden.index_select(0, chosen), targets.index_select(0, chosen));
    }
}
