using ILGPU;
using ILGPU.Algorithms;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// Layer normalization of a row that a line of threads has before it, and its way back: what the kernels of norms have in common.
/// </summary>
internal static class RowNorm
{
    /// <summary>Takes the mean off, and gives mean and reciprocal deviation to memory.</summary>
    /// <param name="x">This thread's eight numbers of the row; zeros where it has none.</param>
    /// <param name="isInside">Whether it has any.</param>
    /// <param name="row">The row.</param>
    /// <param name="shape">Rows and columns.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <param name="sums">Memory of the group for a sum.</param>
    /// <param name="squares">Memory of the group for another.</param>
    /// <param name="means">[rows]; written.</param>
    /// <param name="reciprocals">[rows]; written.</param>
    /// <returns>The centred numbers, and what they are to be multiplied with.</returns>
    public static (Float8 Centred, float Reciprocal) Forward(
        Float8 x,
        bool isInside,
        int row,
        RowShape shape,
        float epsilon,
        ArrayView<float> sums,
        ArrayView<float> squares,
        ArrayView<float> means,
        ArrayView<float> reciprocals)
    {
        var share = 1f / (shape.Width * 8);
        var mean = RowSums.Over(x.Sum(), sums) * share;
        var centred = x + -mean;
        var square = isInside ? (centred * centred).Sum() : 0f;
        var reciprocal = XMath.Rsqrt((RowSums.Over(square, squares) * share) + epsilon);
        if (isInside && Group.IdxX == 0)
        {
            means[row] = mean;
            reciprocals[row] = reciprocal;
        }

        return (centred, reciprocal);
    }

    /// <summary>The gradient of what was normalized.</summary>
    /// <param name="scaled">That of the result, times the norm's scale; zeros where this thread has no numbers.</param>
    /// <param name="normalized">The result before scale and offset.</param>
    /// <param name="reciprocal">The row's reciprocal deviation.</param>
    /// <param name="shape">Rows and columns.</param>
    /// <param name="sums">Memory of the group, 4 · <see cref="RowSums.MaxWarps"/> numbers.</param>
    /// <param name="turn">0 and 1 in turn.</param>
    public static Float8 Backward(Float8 scaled, Float8 normalized, float reciprocal, RowShape shape, ArrayView<float> sums, int turn)
    {
        var share = 1f / (shape.Width * 8);
        var (sum, product) = RowSums.Over(scaled.Sum(), (scaled * normalized).Sum(), sums, turn);
        return (scaled + (sum * -share) + (normalized * (product * -share))) * reciprocal;
    }
}
