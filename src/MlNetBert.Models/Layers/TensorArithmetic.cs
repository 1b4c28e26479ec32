using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Arithmetic with numbers that stay alive. TorchSharp wraps a number in a Scalar whose finalizer frees the native one, and nothing roots
/// the wrapper while the native call runs: a garbage collection at that moment gives the call freed memory. Even <c>a.add(b)</c> makes such
/// a number, its factor of 1. Here every number is rooted.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>left + right, element by element.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="right">Another, of a shape that broadcasts.</param>
    /// <returns>The sum.</returns>
    public static Tensor Plus(this Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(left);
        return left.add(right, One);
    }

    /// <summary>Adds to a tensor in place.</summary>
    /// <param name="target">The tensor.</param>
    /// <param name="right">What is added.</param>
    public static void Increase(this Tensor target, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.add_(right, One);
    }

    /// <summary>left + factor · right.</summary>
    internal static Tensor PlusScaled(this Tensor left, Tensor right, double factor) => With(factor, number => left.add(right, number));

    /// <summary>Multiplies a tensor with a number in place.</summary>
    internal static void MultiplyBy(this Tensor target, double factor) => With(factor, target.mul_);

    /// <summary>left + factor · right₁ · right₂.</summary>
    internal static Tensor PlusProduct(this Tensor left, Tensor right1, Tensor right2, double factor) =>
        With(factor, number => left.addcmul(right1, right2, number));

    /// <summary>left + a number.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="right">The number.</param>
    /// <returns>The sum.</returns>
    public static Tensor Plus(this Tensor left, double right) => With(right, number => left.add(number, One));

    /// <summary>left · a number.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="right">The number.</param>
    /// <returns>The product.</returns>
    public static Tensor Times(this Tensor left, double right) => With(right, left.mul);

    /// <summary>left ÷ a number.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="right">The number.</param>
    /// <returns>The quotient.</returns>
    public static Tensor Over(this Tensor left, double right) => With(right, number => left.div(number));

    /// <summary>The larger of each element and a number.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="least">The number.</param>
    /// <returns>The larger ones.</returns>
    public static Tensor AtLeast(this Tensor left, double least) => With(least, number => left.clamp(min: number));

    /// <summary>The smaller of each element and a number.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="most">The number.</param>
    /// <returns>The smaller ones.</returns>
    public static Tensor AtMost(this Tensor left, double most) => With(most, number => left.clamp(max: number));

    /// <summary>Where elements equal a number.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="right">The number.</param>
    /// <returns>Booleans of the tensor's shape.</returns>
    public static Tensor IsEqualTo(this Tensor left, long right)
    {
        using var number = right.ToScalar();
        return left.eq(number);
    }

    /// <summary>Where elements are above a number.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="right">The number.</param>
    /// <returns>Booleans of the tensor's shape.</returns>
    public static Tensor IsAbove(this Tensor left, long right)
    {
        using var number = right.ToScalar();
        return left.gt(number);
    }

    /// <summary>The tensor with a number where a mask is true.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="mask">Booleans of a shape that broadcasts.</param>
    /// <param name="value">The number.</param>
    /// <returns>A new tensor.</returns>
    public static Tensor WithValue(this Tensor left, Tensor mask, double value) => With(value, number => left.masked_fill(mask, number));

    /// <summary>Sets every element to a number.</summary>
    /// <param name="target">The tensor.</param>
    /// <param name="value">The number.</param>
    public static void SetTo(this Tensor target, double value) => With(value, target.fill_);

    /// <summary>0, 1, … up to a count.</summary>
    /// <param name="count">How many.</param>
    /// <param name="device">Where.</param>
    /// <returns>int64 [count].</returns>
    public static Tensor Range(long count, Device device)
    {
        using var zero = 0.ToScalar();
        using var end = count.ToScalar();
        return arange(zero, end, One, ScalarType.Int64, device);
    }

    /// <summary>The number in a float32 tensor of one element, wherever it lies: read from its memory, without a Scalar.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <returns>The number.</returns>
    public static float ReadSingle(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var detached = tensor.detach();
        using var near = detached.cpu();
        return near.item<float>();
    }

    private static Tensor With(double value, Func<Scalar, Tensor> operation)
    {
        using var number = value.ToScalar();
        return operation(number);
    }
}
