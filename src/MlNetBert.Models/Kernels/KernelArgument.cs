using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels;

/// <summary>One argument of a kernel as it lies in memory: an address and a count of elements, or up to sixteen bytes of a value.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct KernelArgument
{
    [FieldOffset(0)]
    private nint _address;

    [FieldOffset(8)]
    private long _count;

    [FieldOffset(0)]
    private RowShape _shape;

    [FieldOffset(0)]
    private DropoutKey _dropout;

    [FieldOffset(0)]
    private float _number;

    [FieldOffset(0)]
    private int _integer;

    public static implicit operator KernelArgument(RowShape value) => new() { _shape = value };

    public static implicit operator KernelArgument(DropoutKey value) => new() { _dropout = value };

    public static implicit operator KernelArgument(float value) => new() { _number = value };

    public static implicit operator KernelArgument(int value) => new() { _integer = value };

    /// <summary>
    /// The memory of a contiguous tensor, which must live until the kernel was given to the device; null is an empty view.
    /// </summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="together">Numbers that a kernel takes as one element.</param>
    /// <exception cref="ArgumentException">The tensor is not contiguous.</exception>
    public static KernelArgument Of(Tensor? tensor, int together = 1) =>
        tensor is null ? default : new() { _address = AddressOf(tensor), _count = tensor.NumberOfElements / together };

    /// <summary>Where a tensor's numbers lie.</summary>
    /// <param name="tensor">The tensor, contiguous.</param>
    /// <exception cref="ArgumentException">The tensor is not contiguous: a kernel would read other memory than the tensor's.</exception>
    public static nint AddressOf(Tensor tensor) => tensor.is_contiguous()
        ? Native.TorchRuntime.AddressOf(tensor)
        : throw new ArgumentException(
            $"A kernel takes contiguous tensors, found [{string.Join(", ", tensor.shape)}] with strides "
                + $"[{string.Join(", ", tensor.stride())}].",
            nameof(tensor));
}
