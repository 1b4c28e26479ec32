using ILGPU;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// norm(residual + dropout(update + bias)) and its way back, each in one pass over memory: numbers in bfloat16, everything between in
/// float32.
/// </summary>
internal static class NormKernels
{
    /// <summary>Gradients of columns that <see cref="Backward"/> gives: of the norm's scale, of its offset and of the bias.</summary>
    public const int ColumnGradients = 3;

    /// <summary>output = (s − mean) / √(variance + ε) · scale + offset, where s = residual + dropout(update + bias).</summary>
    /// <param name="update">[rows, columns].</param>
    /// <param name="residual">[rows, columns].</param>
    /// <param name="bias">[columns].</param>
    /// <param name="scale">[columns].</param>
    /// <param name="offset">[columns].</param>
    /// <param name="output">[rows, columns]; written.</param>
    /// <param name="means">[rows]: the mean of s; written.</param>
    /// <param name="reciprocals">[rows]: 1 / √(variance + ε); written.</param>
    /// <param name="shape">Rows and columns.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="dropout">The mask.</param>
    public static void Forward(
        ArrayView<BFloat16x8> update,
        ArrayView<BFloat16x8> residual,
        ArrayView<Float8> bias,
        ArrayView<Float8> scale,
        ArrayView<Float8> offset,
        ArrayView<BFloat16x8> output,
        ArrayView<float> means,
        ArrayView<float> reciprocals,
        RowShape shape,
        float epsilon,
        DropoutKey dropout)
    {
        var sums = SharedMemory.Allocate<float>(RowSums.MaxWarps);
        var squares = SharedMemory.Allocate<float>(RowSums.MaxWarps);
        var column = Group.IdxX;
        for (var first = Grid.IdxX * Group.DimY; first < shape.Rows; first += Grid.DimX * Group.DimY)
        {
            var row = first + Group.IdxY;
            var isInside = column < shape.Width && row < shape.Rows;
            var index = (row * shape.Width) + column;
            var sum = default(Float8);
            if (isInside)
            {
                var added = BFloat16x8.Widen(update[index]) + bias[column];
                var kept = BFloat16x8.Widen(residual[index]);
                if (dropout.Threshold > 0)
                    added *= dropout.Factors(index);
                sum = kept + added;
            }

            var (centred, reciprocal) = RowNorm.Forward(sum, isInside, row, shape, epsilon, sums, squares, means, reciprocals);
            if (isInside)
                output[index] = BFloat16x8.Round((centred * reciprocal * scale[column]) + offset[column]);
        }
    }

    /// <summary>The gradients of what <see cref="Forward"/> took.</summary>
    /// <param name="gradient">[rows, columns]: of the output.</param>
    /// <param name="second">[rows, columns]: added to it; empty for none.</param>
    /// <param name="update">As <see cref="Forward"/> took it.</param>
    /// <param name="residual">As <see cref="Forward"/> took it.</param>
    /// <param name="bias">As <see cref="Forward"/> took it.</param>
    /// <param name="scale">As <see cref="Forward"/> took it.</param>
    /// <param name="means">As <see cref="Forward"/> gave them.</param>
    /// <param name="reciprocals">As <see cref="Forward"/> gave them.</param>
    /// <param name="residualGradient">[rows, columns]; written.</param>
    /// <param name="updateGradient">[rows, columns]; written. Empty where nothing is dropped: then it is the residual's.</param>
    /// <param name="columns">[lines of threads, <see cref="ColumnGradients"/>, columns]: each line's part of their sums; written.</param>
    /// <param name="shape">Rows and columns.</param>
    /// <param name="dropout">The mask.</param>
    public static void Backward(
        ArrayView<BFloat16x8> gradient,
        ArrayView<BFloat16x8> second,
        ArrayView<BFloat16x8> update,
        ArrayView<BFloat16x8> residual,
        ArrayView<Float8> bias,
        ArrayView<Float8> scale,
        ArrayView<float> means,
        ArrayView<float> reciprocals,
        ArrayView<BFloat16x8> residualGradient,
        ArrayView<BFloat16x8> updateGradient,
        ArrayView<Float8> columns,
        RowShape shape,
        DropoutKey dropout)
    {
        var sums = SharedMemory.Allocate<float>(4 * RowSums.MaxWarps);
        var turn = 0;
        var column = Group.IdxX;
        var ofScale = default(Float8);
        var ofOffset = default(Float8);
        var ofBias = default(Float8);
        for (var first = Grid.IdxX * Group.DimY; first < shape.Rows; first += Grid.DimX * Group.DimY)
        {
            var row = first + Group.IdxY;
            var isInside = column < shape.Width && row < shape.Rows;
            var index = (row * shape.Width) + column;
            var normalized = default(Float8);
            var arrived = default(Float8);
            var scaled = default(Float8);
            var factors = default(Float8);
            var reciprocal = 0f;
            if (isInside)
            {
                arrived = BFloat16x8.Widen(gradient[index]);
                reciprocal = reciprocals[row];
                var added = BFloat16x8.Widen(update[index]) + bias[column];
                var kept = BFloat16x8.Widen(residual[index]);
                if (dropout.Threshold > 0)
                {
                    factors = dropout.Factors(index);
                    added *= factors;
                }

                normalized = (kept + added + -means[row]) * reciprocal;
                if (second.Length > 0)
                    arrived += BFloat16x8.Widen(second[index]);
                scaled = arrived * scale[column];
                ofScale += arrived * normalized;
                ofOffset += arrived;
            }

            var result = RowNorm.Backward(scaled, normalized, reciprocal, shape, sums, turn);
            turn = 1 - turn;
            if (isInside)
            {
                residualGradient[index] = BFloat16x8.Round(result);
                if (dropout.Threshold > 0)
                {
                    result *= factors;
                    updateGradient[index] = BFloat16x8.Round(result);
                }

                ofBias += result;
            }
        }

        if (column < shape.Width)
        {
            var line = ((Grid.IdxX * Group.DimY) + Group.IdxY) * ColumnGradients * shape.Width;
            columns[line + column] = ofScale;
            columns[line + shape.Width + column] = ofOffset;
            columns[line + (2 * shape.Width) + column] = ofBias;
        }
    }
}
