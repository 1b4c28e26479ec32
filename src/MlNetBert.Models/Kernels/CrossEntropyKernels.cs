using ILGPU;
using ILGPU.Algorithms;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// Cross entropy over a vocabulary and its gradient in one go: logits are read twice, the second time from the cache, and no number between
/// is ever written.
/// </summary>
internal static class CrossEntropyKernels
{
    /// <summary>
    /// What is added to the logits of columns that are padding: they take no part then. Finite, because differences of infinities are no
    /// numbers.
    /// </summary>
    public const float Lowest = -1e30f;

    /// <summary>losses = log Σ exp(x) − x[label], where x = logits + offset; logits become softmax(x) − [column = label].</summary>
    /// <param name="logits">[rows, columns]; becomes the gradient of the sum of losses.</param>
    /// <param name="offset">[columns]; <see cref="Lowest"/> where a column is padding, whose gradient is 0 then.</param>
    /// <param name="labels">[rows]: a column each; below 0 where a row takes no part.</param>
    /// <param name="losses">[rows]; written.</param>
    /// <param name="shape">Rows and columns.</param>
    public static void Forward(ArrayView<BFloat16x8> logits, ArrayView<Float8> offset, ArrayView<long> labels, ArrayView<float> losses,
        RowShape shape)
    {
        var shared = SharedMemory.Allocate<float>(2 * RowSums.MaxWarps);
        for (var row = Grid.IdxX; row < shape.Rows; row += Grid.DimX)
        {
            var (highest, sum) = (Lowest, 0f);
            for (var column = Group.IdxX; column < shape.Width; column += Group.DimX)
            {
                var x = BFloat16x8.Widen(logits[(row * shape.Width) + column]) + offset[column];
                var top = XMath.Max(highest, x.Max());
                sum = (sum * XMath.Exp(highest - top)) + Exp(x + -top).Sum();
                highest = top;
            }

            (highest, sum) = OverGroup(highest, sum, shared);
            var label = (int)labels[row];
            var share = label < 0 ? 0f : 1f / sum;
            if (label < 0 && Group.IdxX == 0)
                losses[row] = 0f;
            for (var column = Group.IdxX; column < shape.Width; column += Group.DimX)
            {
                var index = (row * shape.Width) + column;
                var x = BFloat16x8.Widen(logits[index]) + offset[column];
                var gradient = Exp(x + -highest) * share;
                if (column == label / 8)
                {
                    var chosen = Chosen(label % 8);
                    losses[row] = highest + XMath.Log(sum) - (x * chosen).Sum();
                    gradient += chosen * -1f;
                }

                logits[index] = BFloat16x8.Round(gradient);
            }

            Group.Barrier(); // the next row writes to shared memory that some may still read
        }
    }

    private static Float8 Exp(Float8 x) =>
        new(XMath.Exp(x.A), XMath.Exp(x.B), XMath.Exp(x.C), XMath.Exp(x.D), XMath.Exp(x.E), XMath.Exp(x.F), XMath.Exp(x.G), XMath.Exp(x.H));

    private static Float8 Chosen(int which) => new(
        which == 0 ? 1f : 0f, which == 1 ? 1f : 0f, which == 2 ? 1f : 0f, which == 3 ? 1f : 0f, which == 4 ? 1f : 0f, which == 5 ? 1f : 0f,
        which == 6 ? 1f : 0f, which == 7 ? 1f : 0f);

    // Log-sum-exp in two numbers: the highest and the sum of exponentials relative to it.
    private static (float Highest, float Sum) OverGroup(float highest, float sum, ArrayView<float> shared)
    {
        for (var distance = RowSums.Warp / 2; distance > 0; distance >>= 1)
        {
            var other = Warp.ShuffleXor(highest, distance);
            var otherSum = Warp.ShuffleXor(sum, distance);
            var top = XMath.Max(highest, other);
            sum = (sum * XMath.Exp(highest - top)) + (otherSum * XMath.Exp(other - top));
            highest = top;
        }

        if (Group.IdxX % RowSums.Warp == 0)
        {
            shared[Group.IdxX / RowSums.Warp] = highest;
            shared[RowSums.MaxWarps + (Group.IdxX / RowSums.Warp)] = sum;
        }

        Group.Barrier();
        (highest, sum) = (shared[0], shared[RowSums.MaxWarps]);
        for (var i = 1; i < Group.DimX / RowSums.Warp; i++)
        {
            var top = XMath.Max(highest, shared[i]);
            sum = (sum * XMath.Exp(highest - top)) + (shared[RowSums.MaxWarps + i] * XMath.Exp(shared[i] - top));
            highest = top;
        }

        return (highest, sum);
    }
}
