using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <content>Inputs that cannot be run.</content>
public abstract partial class Backbone
{
    private void Check(ModelInputs inputs)
    {
        var ids = inputs.Ids;
        if (ids.dim() != 2 || ids.dtype != ScalarType.Int64)
            throw new ArgumentException(
                $"Input ids must be int64 [batch, sequence], found {ids.dtype} [{string.Join(", ", ids.shape)}].", nameof(inputs));
        var before = inputs.Cache?.Length ?? 0;
        if (Config.MaxLength is { } positions && before + ids.shape[1] > positions)
            throw new ArgumentException(
                $"The sequence has {before + ids.shape[1]} tokens, but the model has {positions} positions ({Config.Keys.Positions}): cut "
                    + "the text, or use a model with more.",
                nameof(inputs));
        if (inputs.AttentionMask is { } mask)
        {
            if (mask.device_type != ids.device_type)
                throw new ArgumentException($"The attention mask must be on {ids.device} as the input ids, found {mask.device}.",
                    nameof(inputs));
            if (!mask.shape.SequenceEqual([ids.shape[0], before + ids.shape[1]]))
                throw new ArgumentException(
                    (before == 0
                            ? "The attention mask must have the input ids' shape "
                            : "The attention mask must cover cached positions, too: ")
                        + $"[{ids.shape[0]}, {before + ids.shape[1]}], found "
                        + $"[{string.Join(", ", mask.shape)}].",
                    nameof(inputs));
        }

        if (inputs.Encoded is not null != AttendsToEncoder)
            throw new ArgumentException(
                AttendsToEncoder
                    ? $"{ClassName} attends to an encoder: expected its hidden states ({nameof(ModelInputs.Encoded)}), found none."
                    : $"{ClassName} attends to no encoder: expected {nameof(ModelInputs.Encoded)} to be null.",
                nameof(inputs));

        foreach (var (what, tensor) in new[] { ("Token type ids", inputs.TokenTypeIds), ("Position ids", inputs.PositionIds) })
        {
            if (tensor is not null && (tensor.dtype != ScalarType.Int64 || !tensor.shape.SequenceEqual(ids.shape)))
                throw new ArgumentException(
                    $"{what} must be int64 [{string.Join(", ", ids.shape)}], found {tensor.dtype} [{string.Join(", ", tensor.shape)}].",
                    nameof(inputs));
        }
    }

    /// <summary>Refuses token type ids where the architecture has no segments.</summary>
    /// <param name="inputs">The batch.</param>
    /// <exception cref="ArgumentException">There are some.</exception>
    protected void RequireNoSegments(ModelInputs inputs)
    {
        if (inputs.TokenTypeIds is not null && Config.TokenTypeCount == 0)
            throw new ArgumentException($"{ClassName} has no segments: expected no token type ids.", nameof(inputs));
    }

    /// <summary>
    /// Refuses what an encoder does not take: a causal pass, position ids where its layers know places themselves, and token type ids
    /// where it has no segments.
    /// </summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="takesPositionIds">Whether it takes position ids.</param>
    /// <exception cref="ArgumentException">There is such an input.</exception>
    protected void RequireEncoderInputs(ModelInputs inputs, bool takesPositionIds)
    {
        if (inputs.Causal == true)
            throw new ArgumentException($"{ClassName} attends in both directions: expected Causal to be null or false.", nameof(inputs));
        if (inputs.Cache is not null)
            throw new ArgumentException(
                $"{ClassName} has no cache: its positions see later ones. Expected Cache to be null.", nameof(inputs));
        RequireNoSegments(inputs);
        if (inputs.PositionIds is not null && !takesPositionIds)
            throw new ArgumentException($"{ClassName} counts positions from 0: expected no position ids.", nameof(inputs));
    }
}
