using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Turns attention masks into what is added to attention scores.</summary>
[Experimental("MLNETBERT001")]
public static class AttentionMask
{
    /// <summary>
    /// [batch, sequence] (not 0 = attend) → true where padding is. Null where there is none: no mask, or on the CPU, where looking costs
    /// nothing, a mask of ones.
    /// </summary>
    /// <param name="mask">The mask; null for none.</param>
    internal static Tensor? PaddingOf(Tensor? mask)
    {
        if (mask is null)
            return null;
        using var scope = NewDisposeScope();
        var padding = mask.IsEqualTo(0);                                                            // [batch, sequence]
        return mask.device_type == DeviceType.CPU && !padding.any().item<bool>() ? null : padding.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// [batch, sequence] (not 0 = attend) → additive [batch, 1, 1, sequence]: 0, or the type's lowest number. Null where everything is
    /// seen, as <see cref="PaddingOf"/>.
    /// </summary>
    /// <param name="mask">The mask; null for none.</param>
    /// <param name="dtype">The type of what it is added to.</param>
    public static Tensor? FromPadding(Tensor? mask, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        return PaddingOf(mask) is { } padding ? Additive(padding, dtype).unsqueeze(1).unsqueeze(1).MoveToOuterDisposeScope() : null;
    }

    /// <summary>
    /// The padding mask (may be null) with everything further than <paramref name="reach"/> positions away hidden: [batch or 1, 1,
    /// sequence, sequence].
    /// </summary>
    internal static Tensor? Local(Tensor? mask, long sequence, int reach, Device device, ScalarType dtype)
    {
        if (reach >= sequence - 1)
            return FromPadding(mask, dtype);
        using var scope = NewDisposeScope();
        var positions = TensorArithmetic.Range(sequence, device);
        var hidden = positions.unsqueeze(0).sub(positions.unsqueeze(1)).abs().IsAbove(reach).unsqueeze(0); // [1, sequence, sequence]
        if (mask is not null)
            hidden = hidden.logical_or(mask.IsEqualTo(0).unsqueeze(1));                             // [batch, sequence, sequence]
        return Additive(hidden, dtype).unsqueeze(1).MoveToOuterDisposeScope();
    }

    private static Tensor Additive(Tensor hidden, ScalarType dtype) =>
        zeros(hidden.shape, dtype, hidden.device).WithValue(hidden, finfo(dtype).min);
}
