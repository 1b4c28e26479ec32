using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>Draws from softmax distributions by a place in the cumulative one: the same place gives the same token.</summary>
internal static class TokenDraw
{
    /// <summary>Draws a column of each row.</summary>
    /// <param name="logits">[rows, columns], float32; they are not changed.</param>
    /// <param name="places">Of each row, from 0 (included) to 1 (excluded).</param>
    /// <returns>int64 [rows], where the logits are, in the caller's dispose scope.</returns>
    public static Tensor From(Tensor logits, ReadOnlySpan<double> places)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var probabilities = logits.softmax(1).contiguous();                            // [rows, columns]
        var drawn = logits.device_type == DeviceType.CPU
            ? tensor(Scan(probabilities, places))
            : Count(probabilities, tensor(places.ToArray()).to(logits.device));
        return drawn.MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Scan"/>, with tensors: a GPU is not waited for.</summary>
    /// <param name="probabilities">[rows, columns].</param>
    /// <param name="places">[rows], float64.</param>
    /// <returns>int64 [rows].</returns>
    internal static Tensor Count(Tensor probabilities, Tensor places)
    {
        using var scope = NewDisposeScope();
        var sums = probabilities.to(ScalarType.Float64).cumsum(1);                           // [rows, columns]
        var limits = places.unsqueeze(1).mul(sums.narrow(1, -1, 1));                         // [rows, 1]
        return sums.le(limits).sum(1).MoveToOuterDisposeScope();
    }

    /// <summary>The first column at which the sum of a row goes beyond its place.</summary>
    /// <param name="probabilities">[rows, columns], float32 on a processor.</param>
    /// <param name="places">[rows].</param>
    /// <returns>[rows].</returns>
    // A row is left at its place; tensors would go through all columns several times.
    internal static long[] Scan(Tensor probabilities, ReadOnlySpan<double> places)
    {
        var columns = (int)probabilities.shape[1];
        var values = MemoryMarshal.Cast<byte, float>(probabilities.bytes);
        var drawn = new long[places.Length];
        for (var row = 0; row < drawn.Length; row++)
        {
            var (sum, place) = (0.0, places[row]);
            var own = values.Slice(row * columns, columns);
            for (var column = 0; column < own.Length && sum <= place; column++)
            {
                if (own[column] == 0)
                    continue;
                // Where rounding keeps the whole below the place, the last possible column.
                drawn[row] = column;
                sum += own[column];
            }
        }

        return drawn;
    }
}
