using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>
/// Arithmetic with numbers that stay alive. TorchSharp 0.107 makes a Scalar of every number that is an operand, the factor 1 of a sum of tensors too, and nothing holds it while
/// native code reads it: a garbage collection at that moment frees it, and the operation fails or computes with another number.
/// </summary>
public static class TensorArithmetic
{
    /// <summary>0, never freed.</summary>
    public static Scalar Zero { get; } = 0;

    /// <summary>1, never freed.</summary>
    public static Scalar One { get; } = 1;

    /// <summary>−1, never freed.</summary>
    public static Scalar MinusOne { get; } = -1;

    /// <summary>left + right.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="right">A tensor that broadcasts with it.</param>
    /// <returns>The sum.</returns>
    public static Tensor Plus(this Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(left);
        return left.add(right, One);
    }

    /// <summary>tensor · factor.</summary>
    /// <param name="tensor">A tensor.</param>
    /// <param name="factor">A number.</param>
    /// <returns>The product, of the tensor's type.</returns>
    public static Tensor Times(this Tensor tensor, double factor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using Scalar held = factor;
        return tensor.mul(held);
    }

    /// <summary>tensor / divisor.</summary>
    /// <param name="tensor">A tensor.</param>
    /// <param name="divisor">A number.</param>
    /// <returns>The quotient.</returns>
    public static Tensor Over(this Tensor tensor, double divisor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using Scalar held = divisor;
        return tensor.div(held);
    }

    /// <summary>The number in a float32 tensor of one element, wherever it lies.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <returns>The number.</returns>
    public static float ReadSingle(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var detached = tensor.detach();
        using var near = detached.cpu();
        return near.item<float>();
    }
}
