using System.Runtime.InteropServices;
using MlNetBert.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// The dropout of forward passes in training mode. On the CPU a mask is a pure function of the seed, how many masks were drawn since the
/// seed was set, and the element's index: libtorch's own generator takes ten times as long. A GPU draws its own from the same seed, but for
/// the masks of our kernels, which are these. For one thread at a time.
/// </summary>
internal sealed class DropoutMasks
{
    private readonly long _seed;
    private readonly long _deviceSeed;
    private ulong _drawn;
    private ulong _parts;
    private bool _isDeviceSeeded;

    /// <summary>Equal seeds give equal masks.</summary>
    public DropoutMasks(long seed)
        : this(seed, 0, seed)
    {
    }

    private DropoutMasks(long seed, ulong drawn, long deviceSeed) => (_seed, _drawn, _deviceSeed) = (seed, drawn, deviceSeed);

    /// <summary>
    /// The masks of the next part of a pass, which may run twice: each fork draws the same. On a GPU they follow from the seed and the
    /// part's number.
    /// </summary>
    public DropoutMasks Fork() => new(_seed, _drawn, PartSeed());

    /// <summary>Goes on behind a part.</summary>
    /// <param name="fork">The fork that the part has drawn from.</param>
    public void GoOnFrom(DropoutMasks fork) => (_drawn, _parts) = (fork._drawn, _parts + 1);

    /// <summary>Zeroes elements with a probability and scales the others so that the mean stays.</summary>
    public Tensor Apply(Tensor input, double probability)
    {
        if (probability == 0)
            return input.alias();
        if (input.device_type != DeviceType.CPU)
        {
            SeedDevice();
            return nn.functional.dropout(input, probability, training: true);
        }

        var dropped = Drop(input, probability);
        dropped.MultiplyBy(MaskGenerator.Scale(probability));
        return dropped;
    }

    /// <summary><paramref name="residual"/> + dropout(<paramref name="input"/>).</summary>
    public Tensor ApplyAndAdd(Tensor residual, Tensor input, double probability)
    {
        if (probability == 0)
            return residual.Plus(input);
        if (input.device_type != DeviceType.CPU)
        {
            using var applied = Apply(input, probability);
            return residual.Plus(applied);
        }

        using var dropped = Drop(input, probability);
        return residual.PlusScaled(dropped, MaskGenerator.Scale(probability));
    }

    /// <summary>
    /// The next mask, for a kernel that draws it where it needs it. One that drops nothing is not counted, as in plain layers, which draw
    /// none.
    /// </summary>
    public DropoutKey Next(double probability) =>
        MaskGenerator.Key(probability, unchecked((ulong)_seed), probability == 0 ? _drawn : _drawn++);

    /// <summary>The GPU's generator is the process's: it is set to the seed before the first mask is drawn from it.</summary>
    public void SeedDevice()
    {
        if (!_isDeviceSeeded)
            cuda.manual_seed(_deviceSeed);
        _isDeviceSeeded = true;
    }

    /// <summary>Zeroes elements with a probability; on the CPU, and without scaling the others.</summary>
    public Tensor Drop(Tensor input, double probability)
    {
        using var mask = Draw(input.shape, input.dtype, probability);
        if (input.dtype == ScalarType.BFloat16)
            return input.mul(mask);
        using var zero = zeros([], input.dtype);
        return where(mask, input, zero);
    }

    /// <summary>
    /// The mask, which is all that the backward pass needs: for float32 a byte an element; for bfloat16 two, ones and zeros to multiply
    /// with, because choosing takes libtorch seven times as long there.
    /// </summary>
    private Tensor Draw(long[] shape, ScalarType type, double probability)
    {
        using var guard = no_grad();
        var isNarrow = type == ScalarType.BFloat16;
        var mask = empty(shape, isNarrow ? ScalarType.BFloat16 : ScalarType.Bool, CPU);
        if (isNarrow)
            MaskGenerator.Fill(MemoryMarshal.Cast<byte, ushort>(mask.bytes), probability, unchecked((ulong)_seed), _drawn++);
        else
            MaskGenerator.Fill(mask.bytes, probability, unchecked((ulong)_seed), _drawn++);
        return mask;
    }

    private long PartSeed() => (long)(SplitMix64.Mix((ulong)_seed + ((_parts + 1) * SplitMix64.Increment)) >> 1);
}
