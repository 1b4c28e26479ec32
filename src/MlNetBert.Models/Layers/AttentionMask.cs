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

    /// <summary>What hides padding, later positions and those out of a window: [batch or 1, 1, sequence, keys], additive.</summary>
    /// <param name="padding">[batch, keys], true where padding is; null for none.</param>
    /// <param name="sequence">How many queries there are: the last ones of the keys.</param>
    /// <param name="keys">How many keys there are.</param>
    /// <param name="isCausal">Whether later positions are hidden.</param>
    /// <param name="window">How many positions a query sees to one side, its own included; null for all.</param>
    /// <param name="device">Where.</param>
    /// <param name="dtype">The type of what it is added to.</param>
    internal static Tensor Of(Tensor? padding, long sequence, long keys, bool isCausal, int? window, Device device, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var positions = TensorArithmetic.Range(keys, device);
        // How far a key lies before a query [sequence, keys].
        var before = positions.narrow(0, keys - sequence, sequence).unsqueeze(1).sub(positions.unsqueeze(0));
        Tensor? hidden = null;
        if (isCausal)
            hidden = before.IsAbove(-1).logical_not();
        if (window is { } near)
        {
            var far = before.abs().IsAbove(near - 1);
            hidden = hidden?.logical_or(far) ?? far;
        }

        hidden = hidden?.unsqueeze(0);                                                       // [1, sequence, keys]
        if (padding is not null)
            hidden = hidden?.logical_or(padding.unsqueeze(1)) ?? padding.unsqueeze(1);       // [batch, sequence or 1, keys]
        return Additive(hidden ?? zeros(1, 1, keys, ScalarType.Bool, device), dtype).unsqueeze(1).MoveToOuterDisposeScope();
    }

    private static Tensor Additive(Tensor hidden, ScalarType dtype) =>
        zeros(hidden.shape, dtype, hidden.device).WithValue(hidden, finfo(dtype).min);
}
