namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// Attention's weights from its scores and the way back, for some of the rows, on one thread of a processor: a row is a query's.
/// </summary>
/// <typeparam name="T">How the numbers lie in memory.</typeparam>
/// <typeparam name="V">The lanes.</typeparam>
internal static unsafe class SoftmaxRows<T, V>
    where T : struct, INumberFormat
    where V : struct, ILanes<V>
{
    /// <summary>weights = softmax(scores · scale + mask), dropped = dropout(weights).</summary>
    /// <param name="rows">Rows, and columns: a number for each key.</param>
    /// <param name="scores">Become the weights.</param>
    /// <param name="mask">What is added.</param>
    /// <param name="scale">What scores are multiplied with.</param>
    /// <param name="dropped">Written, where anything is dropped.</param>
    /// <param name="dropout">The mask.</param>
    public static void Forward(Rows rows, nint scores, ScoreMask mask, float scale, nint dropped, DropoutKey dropout)
    {
        var columns = rows.Columns;
        var length = PaddedRow<V>.Length(columns);
        var x = stackalloc float[length];
        var buffer = stackalloc float[DropoutRow<V>.Length(length, dropout)];
        var factor = V.All(scale);
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = row * columns;
            var place = scores + (nint)(first * T.Size);
            var added = mask.AddressOf(row, T.Size);
            var highest = V.All(float.NegativeInfinity);
            for (var i = 0; i < columns; i += V.Count)
            {
                var value = PaddedRow<V>.Read<T>(place, i, columns, float.NegativeInfinity) * factor;
                if (added != 0)
                    value += PaddedRow<V>.Read<T>(added, i, columns, 0);
                value.Store(x + i);
                highest = V.Max(highest, value);
            }

            var shift = V.All(V.Top(highest));
            var sums = default(V);
            for (var i = 0; i < columns; i += V.Count)
            {
                var value = VectorMath<V>.Exp(V.Load(x + i) - shift);
                value.Store(x + i);
                sums += value;
            }

            var share = V.All(1f / V.Sum(sums));
            var factors = DropoutRow<V>.Draw(dropout, first, columns, buffer);
            for (var i = 0; i < columns; i += V.Count)
            {
                var weight = V.Load(x + i) * share;
                PaddedRow<V>.Write<T>(weight, place, i, columns);
                if (factors != null)
                    PaddedRow<V>.Write<T>(weight * V.Load(factors + i), dropped + (nint)(first * T.Size), i, columns);
            }
        }
    }

    /// <summary>The gradient of the scores.</summary>
    /// <param name="rows">As <see cref="Forward"/> took them.</param>
    /// <param name="gradient">Of what was dropped; becomes that of the scores.</param>
    /// <param name="weights">As they came out; become what was dropped, where anything was.</param>
    /// <param name="scale">As <see cref="Forward"/> took it.</param>
    /// <param name="dropout">As <see cref="Forward"/> took it.</param>
    public static void Backward(Rows rows, nint gradient, nint weights, float scale, DropoutKey dropout)
    {
        var columns = rows.Columns;
        var buffer = stackalloc float[DropoutRow<V>.Length(PaddedRow<V>.Length(columns), dropout)];
        var factor = V.All(scale);
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = row * columns;
            var (arrived, shares) = (gradient + (nint)(first * T.Size), weights + (nint)(first * T.Size));
            var factors = DropoutRow<V>.Draw(dropout, first, columns, buffer);
            var sums = default(V);
            for (var i = 0; i < columns; i += V.Count)
            {
                var back = PaddedRow<V>.Read<T>(arrived, i, columns, 0);
                if (factors != null)
                    back *= V.Load(factors + i);
                sums = V.MultiplyAdd(back, PaddedRow<V>.Read<T>(shares, i, columns, 0), sums);
            }

            var mean = V.All(V.Sum(sums));
            for (var i = 0; i < columns; i += V.Count)
            {
                var back = PaddedRow<V>.Read<T>(arrived, i, columns, 0);
                var share = PaddedRow<V>.Read<T>(shares, i, columns, 0);
                if (factors != null)
                {
                    var kept = V.Load(factors + i);
                    back *= kept;
                    PaddedRow<V>.Write<T>(share * kept, shares, i, columns);
                }

                PaddedRow<V>.Write<T>((back - mean) * share * factor, arrived, i, columns);
            }
        }
    }
}
