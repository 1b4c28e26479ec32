using MlNetBert.Models.Kernels;
using MlNetBert.Models.Kernels.Vectors;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>What the layers of one forward pass have in common. Layers keep no state of their own beside their weights.</summary>
[Experimental("MLNETBERT001")]
public readonly record struct ForwardPass
{
    /// <summary>Begins a pass.</summary>
    /// <param name="Precision">The precision of matrix products.</param>
    /// <param name="Dropout">Where dropout takes its masks from; null outside training.</param>
    /// <param name="Unpadding">How the batch was unpadded: hidden states between layers are [tokens, hidden]; null where they are [batch,
    /// sequence, hidden].</param>
    /// <param name="Prepared">Weights laid out for products; null where weights may change, or a graph is wanted.</param>
    /// <param name="TakesKernels">Whether kernels work between products in training, where the device has them.</param>
    internal ForwardPass(
        ComputePrecision Precision,
        DropoutMasks? Dropout,
        Unpadding? Unpadding = null,
        PreparedWeights? Prepared = null,
        bool TakesKernels = false) =>
        (this.Precision, this.Dropout, this.Unpadding, this.Prepared, this.TakesKernels) =
            (Precision, Dropout, Unpadding, Prepared, TakesKernels);

    /// <summary>The precision of matrix products.</summary>
    public ComputePrecision Precision { get; }

    internal DropoutMasks? Dropout { get; init; }

    internal Unpadding? Unpadding { get; init; }

    internal PreparedWeights? Prepared { get; }

    internal bool TakesKernels { get; }

    /// <summary>Drops elements in training; outside of it, the same elements.</summary>
    /// <param name="hidden">Any shape.</param>
    /// <param name="probability">The probability of an element to be dropped, in [0, 1).</param>
    /// <returns>The same shape, in the caller's dispose scope.</returns>
    public Tensor Drop(Tensor hidden, double probability)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return Dropout?.Apply(hidden, probability) ?? hidden.alias();
    }

    /// <summary><paramref name="residual"/> + dropout(<paramref name="update"/>); outside of training, their sum.</summary>
    /// <param name="residual">Any shape.</param>
    /// <param name="update">The same shape.</param>
    /// <param name="probability">The probability of an element of the update to be dropped, in [0, 1).</param>
    internal Tensor AddDropped(Tensor residual, Tensor update, double probability) =>
        Dropout?.ApplyAndAdd(residual, update, probability) ?? residual.Plus(update);

    /// <summary>The type of what matrix products take and give.</summary>
    public ScalarType ProductType => Precision == ComputePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>The kernels of a device that the pass takes, on a GPU in bfloat16 only; otherwise null.</summary>
    /// <param name="device">The device.</param>
    /// <param name="columns">Numbers of a hidden state's row; or of several kinds of rows, a number that divides by what all of them
    /// do.</param>
    internal IFusedKernels? KernelsOn(Device device, long columns)
    {
        if (!TakesKernels || Dropout is null || !is_grad_enabled())
            return null;
        if (device.type == DeviceType.CPU)
            return ProcessorKernels.For(Precision, columns);
        return Precision == ComputePrecision.BFloat16 ? FusedKernels.For(device) : null;
    }
}
