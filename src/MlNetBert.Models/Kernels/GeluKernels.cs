using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime.Cuda;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// gelu(input + bias) = x · Φ(x) (Hendrycks and Gimpel 2016, arXiv:1606.08415) and its way back, each in one pass over memory: numbers in
/// bfloat16, everything between in float32.
/// </summary>
internal static class GeluKernels
{
    /// <summary>output = gelu(input + bias).</summary>
    /// <param name="input">[rows, columns].</param>
    /// <param name="bias">[columns].</param>
    /// <param name="output">[rows, columns]; written.</param>
    /// <param name="shape">Rows and columns.</param>
    public static void Forward(ArrayView<BFloat16x8> input, ArrayView<Float8> bias, ArrayView<BFloat16x8> output, RowShape shape)
    {
        var column = Group.IdxX;
        if (column >= shape.Width)
            return;
        var added = bias[column];
        for (var row = (Grid.IdxX * Group.DimY) + Group.IdxY; row < shape.Rows; row += Grid.DimX * Group.DimY)
        {
            var index = (row * shape.Width) + column;
            var x = BFloat16x8.Widen(input[index]) + added;
            output[index] = BFloat16x8.Round(Value(x));
        }
    }

    /// <summary>The gradients of what <see cref="Forward"/> took.</summary>
    /// <param name="gradient">[rows, columns]: of the output; becomes that of the input.</param>
    /// <param name="input">As <see cref="Forward"/> took it.</param>
    /// <param name="bias">As <see cref="Forward"/> took it.</param>
    /// <param name="columns">[lines of threads, columns]: each line's part of the bias's gradient; written.</param>
    /// <param name="shape">Rows and columns.</param>
    public static void Backward(
        ArrayView<BFloat16x8> gradient, ArrayView<BFloat16x8> input, ArrayView<Float8> bias, ArrayView<Float8> columns, RowShape shape)
    {
        var column = Group.IdxX;
        if (column >= shape.Width)
            return;
        var added = bias[column];
        var ofBias = default(Float8);
        var line = (Grid.IdxX * Group.DimY) + Group.IdxY;
        for (var row = line; row < shape.Rows; row += Grid.DimX * Group.DimY)
        {
            var index = (row * shape.Width) + column;
            var arrived = BFloat16x8.Widen(gradient[index]);
            var x = BFloat16x8.Widen(input[index]) + added;
            var result = arrived * Slope(x);
            gradient[index] = BFloat16x8.Round(result);
            ofBias += result;
        }

        columns[(line * shape.Width) + column] = ofBias;
    }

    /// <summary>gelu(x), number by number.</summary>
    public static Float8 Value(Float8 x) =>
        new(Value(x.A), Value(x.B), Value(x.C), Value(x.D), Value(x.E), Value(x.F), Value(x.G), Value(x.H));

    /// <summary>Its derivative, number by number.</summary>
    public static Float8 Slope(Float8 x) =>
        new(Slope(x.A), Slope(x.B), Slope(x.C), Slope(x.D), Slope(x.E), Slope(x.F), Slope(x.G), Slope(x.H));

    private static float Value(float x) => x * Cumulative(x, Bell(x));

    private static float Slope(float x)
    {
        var bell = Bell(x);
        return Cumulative(x, bell) + (x * bell * 0.3989422804f); // Φ(x) + x · φ(x), φ = bell / √(2π)
    }

    private static float Bell(float x) => XMath.Exp(x * x * -0.5f);

    // Φ by the error function's approximation 7.1.26 of Abramowitz and Stegun, off by at most 1.5e-7; its exponential is the bell curve.
    private static float Cumulative(float x, float bell)
    {
        var t = Reciprocal(1f + (0.3275911f * 0.7071067812f * XMath.Abs(x)));
        var tail =
            0.5f * bell * t * (0.254829592f + (t * (-0.284496736f + (t * (1.421413741f + (t * (-1.453152027f + (t * 1.061405429f))))))));
        return x < 0f ? tail : 1f - tail;
    }

    private static float Reciprocal(float x)
    {
        if (!CudaAsm.IsSupported)
            return 1f / x;
        // off by a unit of the last place; a quotient rounded right takes eight instructions
        CudaAsm.Emit("rcp.approx.ftz.f32 %0, %1;", out float result, x);
        return result;
    }
}
