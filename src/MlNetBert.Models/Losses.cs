using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>The losses that Hugging Face's heads train on, in float32.</summary>
[Experimental("MLNETBERT001")]
public static class Losses
{
    /// <summary>The label that takes no part in a loss.</summary>
    public const long IgnoredLabel = -100;

    /// <summary>Mean cross entropy over the labels that are not <see cref="IgnoredLabel"/>.</summary>
    /// <param name="logits">[…, classes].</param>
    /// <param name="labels">Class ids, int64, of the same leading shape.</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor Classification(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        return nn.functional.cross_entropy(logits.view(-1, logits.shape[^1]).to(ScalarType.Float32), labels.flatten(),
            ignore_index: IgnoredLabel).MoveToOuterDisposeScope();
    }

    /// <summary>Cross entropy SUMMED over the labels that are not <see cref="IgnoredLabel"/>, each with its class's weight.</summary>
    /// <param name="logits">[…, classes].</param>
    /// <param name="labels">Class ids, int64, of the same leading shape.</param>
    /// <param name="classWeights">float32 [classes]; null weighs all classes alike.</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor ClassificationSum(Tensor logits, Tensor labels, Tensor? classWeights = null)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        return nn.functional.cross_entropy(
            logits.view(-1, logits.shape[^1]).to(ScalarType.Float32), labels.flatten(), classWeights, IgnoredLabel,
            reduction: nn.Reduction.Sum).MoveToOuterDisposeScope();
    }

    /// <summary>Mean binary cross entropy with logits over every label.</summary>
    /// <param name="logits">[batch, labels].</param>
    /// <param name="labels">0 or 1, floating point, [batch, labels].</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor MultiLabel(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        return nn.functional.binary_cross_entropy_with_logits(logits.to(ScalarType.Float32),
            labels.to(ScalarType.Float32)).MoveToOuterDisposeScope();
    }

    /// <summary>Mean squared error.</summary>
    /// <param name="predictions">[batch, labels].</param>
    /// <param name="labels">Numbers of as many elements, in the same order.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Regression(Tensor predictions, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        return nn.functional.mse_loss(predictions.flatten().to(ScalarType.Float32),
            labels.flatten().to(ScalarType.Float32)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The loss of extractive question answering: the mean of the start's and the end's cross entropy; a position outside the sequence
    /// takes no part.
    /// </summary>
    /// <param name="start">Scores of a span's start [batch, sequence].</param>
    /// <param name="end">Scores of a span's end [batch, sequence].</param>
    /// <param name="startPositions">The start's positions [batch], int64.</param>
    /// <param name="endPositions">The end's positions [batch], int64.</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor Span(Tensor start, Tensor end, Tensor startPositions, Tensor endPositions)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(end);
        ArgumentNullException.ThrowIfNull(startPositions);
        ArgumentNullException.ThrowIfNull(endPositions);
        return SpanOf(start, end, startPositions, endPositions, nn.Reduction.Mean);
    }

    /// <summary>
    /// The loss of extractive question answering SUMMED over the batch: half of the start's and half of the end's cross entropy of each
    /// sequence.
    /// </summary>
    /// <param name="start">Scores of a span's start [batch, sequence].</param>
    /// <param name="end">Scores of a span's end [batch, sequence].</param>
    /// <param name="startPositions">The start's positions [batch], int64.</param>
    /// <param name="endPositions">The end's positions [batch], int64.</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor SpanSum(Tensor start, Tensor end, Tensor startPositions, Tensor endPositions)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(end);
        ArgumentNullException.ThrowIfNull(startPositions);
        ArgumentNullException.ThrowIfNull(endPositions);
        return SpanOf(start, end, startPositions, endPositions, nn.Reduction.Sum);
    }

    private static Tensor SpanOf(Tensor start, Tensor end, Tensor startPositions, Tensor endPositions, nn.Reduction reduction)
    {
        using var scope = NewDisposeScope();
        var length = start.shape[1];
        return Side(start, startPositions).Plus(Side(end, endPositions)).Over(2).MoveToOuterDisposeScope();

        Tensor Side(Tensor scores, Tensor positions) =>
            nn.functional.cross_entropy(scores.to(ScalarType.Float32), positions.flatten().clamp(0, length), ignore_index: length,
                reduction: reduction);
    }
}
