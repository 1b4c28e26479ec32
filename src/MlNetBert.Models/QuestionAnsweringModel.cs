using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>An encoder with a head that scores where an answer starts and ends in the text.</summary>
[Experimental("MLNETBERT001")]
public abstract class QuestionAnsweringModel : ModelWithHead
{
    private protected QuestionAnsweringModel(string name, Backbone encoder)
        : base(name, encoder)
    {
    }

    /// <summary>Scores of starts and ends.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>The scores, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public SpanLogits forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var output = Backbone.forward(inputIds, attentionMask, tokenTypeIds);
        return Head(output.LastHiddenState);
    }

    /// <summary>The head alone.</summary>
    /// <param name="hidden">Hidden states [batch, sequence, hidden].</param>
    /// <returns>The scores, in the caller's dispose scope.</returns>
    public SpanLogits Head(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        var sides = Score(hidden, NewPass()).unbind(-1);                                     // 2 × [batch, sequence]
        return new SpanLogits(sides[0].contiguous().MoveToOuterDisposeScope(), sides[1].contiguous().MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The mean of the start's and the end's cross entropy; a position outside the sequence takes no part. As in Hugging Face the scores of
    /// padding count, although they mean nothing (<see cref="Backbone.forward"/>); training here leaves them out.
    /// </summary>
    /// <param name="logits">The scores.</param>
    /// <param name="startPositions">[batch], int64.</param>
    /// <param name="endPositions">[batch], int64.</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor Loss(SpanLogits logits, Tensor startPositions, Tensor endPositions)
    {
        ArgumentNullException.ThrowIfNull(logits);
        return Losses.Span(logits.Start, logits.End, startPositions, endPositions);
    }

    private protected abstract Tensor Score(Tensor hidden, ForwardPass pass);
}
