using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>A backbone with a head that scores where an answer starts and ends in the text.</summary>
[Experimental("MLNETBERT001")]
public sealed class QuestionAnsweringModel : ModelWithHead
{
    private readonly ClassificationHead _head;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    /// <param name="head">The head, with two outputs.</param>
    public QuestionAnsweringModel(string className, Backbone backbone, ClassificationHead head)
        : base(className, backbone)
    {
        ArgumentNullException.ThrowIfNull(head);
        _head = head;
        head.RegisterIn(this);
        RegisterComponents();
    }

    /// <summary>Scores of starts and ends.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <param name="precision">The number format of this pass's products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>The scores, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public SpanLogits forward(
        Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null, ComputePrecision? precision = null)
    {
        using var output = Backbone.forward(new(inputIds, attentionMask, tokenTypeIds), precision: precision);
        return Logits(output.LastHiddenState, precision);
    }

    /// <summary>The head alone.</summary>
    /// <param name="hidden">Hidden states [batch, sequence, hidden].</param>
    /// <param name="precision">The number format of the head's products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>The scores, in the caller's dispose scope.</returns>
    public SpanLogits Logits(Tensor hidden, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        var sides = _head.Forward(hidden, NewPass(precision)).unbind(-1);                                     // 2 × [batch, sequence]
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

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() => _head.Weights();

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        // The loss counts the scores of padding.
        var span = Logits(RunBackbone(inputs, named, withPadding: true).LastHiddenState);
        (named["start_logits"], named["end_logits"]) = (span.Start, span.End);
        var (start, end) = (inputs.Find("start_positions"), inputs.Find("end_positions"));
        return new ReferenceOutputs(named, start is null || end is null ? null : Loss(span, start, end));
    }
}
