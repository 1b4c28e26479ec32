using MlNetBert.Models;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Extractive question answering (Devlin et al. 2019, 4.2): the mean of the cross entropies of the answer's start and end over the places
/// of a window. Padding is no place an answer can be at, so that the loss of a window does not depend on what it is padded to; Hugging
/// Face's heads do count it.
/// </summary>
/// <param name="model">The model to train.</param>
/// <param name="examples">Windows with the places of their answers.</param>
[Experimental("MLNETBERT001")]
public class ExtractiveAnswerObjective(QuestionAnsweringModel model,
    SequenceExamples<AnswerWindow> examples) : SequenceObjective<QuestionAnsweringModel, AnswerWindow>(model, examples)
{
    /// <summary>The loss summed over windows.</summary>
    /// <param name="logits">The scores, [batch, sequence] each.</param>
    /// <param name="attentionMask">[batch, sequence], 0 = padding; null where nothing is padded.</param>
    /// <param name="windows">Where the answers are, [batch].</param>
    /// <returns>A float32 scalar in nats, in the caller's dispose scope.</returns>
    public static Tensor SummedLoss(SpanLogits logits, Tensor? attentionMask, IReadOnlyList<AnswerWindow> windows)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(windows);
        using var scope = NewDisposeScope();
        var (start, end) = (logits.Start, logits.End);
        if (attentionMask is not null)
        {
            var padding = attentionMask.IsEqualTo(0);
            (start, end) = (start.WithValue(padding, float.MinValue), end.WithValue(padding, float.MinValue));
        }

        var starts = BatchTensors.Vector([.. windows.Select(w => w.Start)], start.device);
        var ends = BatchTensors.Vector([.. windows.Select(w => w.End)], end.device);
        return Losses.SpanSum(start, end, starts, ends).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<AnswerWindow> batch)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(batch);
        return SummedLoss(Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds), inputs.AttentionMask, batch.Labels);
    }
}
