using ILGPU;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// gelu(first half) · second half of each row (GeGLU, Shazeer 2020, arXiv:2002.05202) and its way back, each in one pass over memory:
/// numbers in bfloat16, everything between in float32.
/// </summary>
internal static class GatedGeluKernels
{
    /// <summary>output = gelu(input[: columns]) · input[columns :].</summary>
    /// <param name="input">[rows, 2 · columns].</param>
    /// <param name="output">[rows, columns]; written.</param>
    /// <param name="shape">Rows and columns of the output.</param>
    public static void Forward(ArrayView<BFloat16x8> input, ArrayView<BFloat16x8> output, RowShape shape)
    {
        var column = Group.IdxX;
        if (column >= shape.Width)
            return;
        for (var row = (Grid.IdxX * Group.DimY) + Group.IdxY; row < shape.Rows; row += Grid.DimX * Group.DimY)
        {
            var index = (2 * row * shape.Width) + column;
            var x = BFloat16x8.Widen(input[index]);
            var gate = BFloat16x8.Widen(input[index + shape.Width]);
            output[(row * shape.Width) + column] = BFloat16x8.Round(GeluKernels.Value(x) * gate);
        }
    }

    /// <summary>The gradient of what <see cref="Forward"/> took.</summary>
    /// <param name="gradient">[rows, columns]: of the output.</param>
    /// <param name="input">As <see cref="Forward"/> took it.</param>
    /// <param name="inputGradient">[rows, 2 · columns]; written.</param>
    /// <param name="shape">Rows and columns of the output.</param>
    public static void Backward(ArrayView<BFloat16x8> gradient, ArrayView<BFloat16x8> input, ArrayView<BFloat16x8> inputGradient,
        RowShape shape)
    {
        var column = Group.IdxX;
        if (column >= shape.Width)
            return;
        for (var row = (Grid.IdxX * Group.DimY) + Group.IdxY; row < shape.Rows; row += Grid.DimX * Group.DimY)
        {
            var index = (2 * row * shape.Width) + column;
            var x = BFloat16x8.Widen(input[index]);
            var gate = BFloat16x8.Widen(input[index + shape.Width]);
            var arrived = BFloat16x8.Widen(gradient[(row * shape.Width) + column]);
            inputGradient[index] = BFloat16x8.Round(arrived * gate * GeluKernels.Slope(x));
            inputGradient[index + shape.Width] = BFloat16x8.Round(arrived * GeluKernels.Value(x));
        }
    }
}
