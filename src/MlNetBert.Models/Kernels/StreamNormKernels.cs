using ILGPU;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// A residual stream in float32 that is added to and normalized for what comes next, and the way back, each in one pass over memory: what a
/// layer that normalizes before it computes needs between two of its parts.
/// </summary>
internal static class StreamNormKernels
{
    /// <summary>Gradients of columns that <see cref="Backward"/> gives: of the norm's scale and of its offset.</summary>
    public const int ColumnGradients = 2;

    /// <summary>sum = stream + update; output = (sum − mean) / √(variance + ε) · scale + offset.</summary>
    /// <param name="update">[rows, columns].</param>
    /// <param name="stream">[rows, columns].</param>
    /// <param name="scale">[columns].</param>
    /// <param name="offset">[columns]; empty for none.</param>
    /// <param name="sum">[rows, columns]; written.</param>
    /// <param name="output">[rows, columns]; written.</param>
    /// <param name="means">[rows]; written.</param>
    /// <param name="reciprocals">[rows]: 1 / √(variance + ε); written.</param>
    /// <param name="shape">Rows and columns.</param>
    /// <param name="epsilon">ε.</param>
    public static void Forward(
        ArrayView<BFloat16x8> update,
        ArrayView<Float8> stream,
        ArrayView<Float8> scale,
        ArrayView<Float8> offset,
        ArrayView<Float8> sum,
        ArrayView<BFloat16x8> output,
        ArrayView<float> means,
        ArrayView<float> reciprocals,
        RowShape shape,
        float epsilon)
    {
        var sums = SharedMemory.Allocate<float>(RowSums.MaxWarps);
        var squares = SharedMemory.Allocate<float>(RowSums.MaxWarps);
        var column = Group.IdxX;
        for (var first = Grid.IdxX * Group.DimY; first < shape.Rows; first += Grid.DimX * Group.DimY)
        {
            var row = first + Group.IdxY;
            var isInside = column < shape.Width && row < shape.Rows;
            var index = (row * shape.Width) + column;
            var added = default(Float8);
            if (isInside)
            {
                added = BFloat16x8.Widen(update[index]) + stream[index];
                sum[index] = added;
            }

            var (centred, reciprocal) = RowNorm.Forward(added, isInside, row, shape, epsilon, sums, squares, means, reciprocals);
            if (isInside)
            {
                var result = centred * reciprocal * scale[column];
                if (offset.Length > 0)
                    result += offset[column];
                output[index] = BFloat16x8.Round(result);
            }
        }
    }

    /// <summary>The gradient of what <see cref="Forward"/> summed, which is that of both parts.</summary>
    /// <param name="gradient">[rows, columns]: of the output.</param>
    /// <param name="above">[rows, columns]: of the sum, from what took the stream further; empty for none.</param>
    /// <param name="sum">As <see cref="Forward"/> gave it.</param>
    /// <param name="scale">As <see cref="Forward"/> took it.</param>
    /// <param name="means">As <see cref="Forward"/> gave them.</param>
    /// <param name="reciprocals">As <see cref="Forward"/> gave them.</param>
    /// <param name="streamGradient">[rows, columns]; written.</param>
    /// <param name="updateGradient">[rows, columns]: the same in bfloat16; written.</param>
    /// <param name="columns">[lines of threads, <see cref="ColumnGradients"/>, columns]: each line's part of their sums; written.</param>
    /// <param name="shape">Rows and columns.</param>
    public static void Backward(
        ArrayView<BFloat16x8> gradient,
        ArrayView<Float8> above,
        ArrayView<Float8> sum,
        ArrayView<Float8> scale,
        ArrayView<float> means,
        ArrayView<float> reciprocals,
        ArrayView<Float8> streamGradient,
        ArrayView<BFloat16x8> updateGradient,
        ArrayView<Float8> columns,
        RowShape shape)
    {
        var sums = SharedMemory.Allocate<float>(4 * RowSums.MaxWarps);
        var turn = 0;
        var column = Group.IdxX;
        var ofScale = default(Float8);
        var ofOffset = default(Float8);
        for (var first = Grid.IdxX * Group.DimY; first < shape.Rows; first += Grid.DimX * Group.DimY)
        {
            var row = first + Group.IdxY;
            var isInside = column < shape.Width && row < shape.Rows;
            var index = (row * shape.Width) + column;
            var normalized = default(Float8);
            var scaled = default(Float8);
            var further = default(Float8);
            var reciprocal = 0f;
            if (isInside)
            {
                var arrived = BFloat16x8.Widen(gradient[index]);
                reciprocal = reciprocals[row];
                normalized = (sum[index] + -means[row]) * reciprocal;
                if (above.Length > 0)
                    further = above[index];
                scaled = arrived * scale[column];
                ofScale += arrived * normalized;
                ofOffset += arrived;
            }

            var result = further + RowNorm.Backward(scaled, normalized, reciprocal, shape, sums, turn);
            turn = 1 - turn;
            if (isInside)
            {
                streamGradient[index] = result;
                updateGradient[index] = BFloat16x8.Round(result);
            }
        }

        if (column < shape.Width)
        {
            var line = ((Grid.IdxX * Group.DimY) + Group.IdxY) * ColumnGradients * shape.Width;
            columns[line + column] = ofScale;
            columns[line + shape.Width + column] = ofOffset;
        }
    }
}
