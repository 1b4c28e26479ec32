namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>Attention's weights from its scores and the way back, for some of the rows, on one thread of a processor: a row is a query's.</summary>
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
        var added = stackalloc float[length];
        var buffer = stackalloc float[DropoutRow.Length(length, dropout)];
        var factor = V.All(scale);
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = row * columns;
            PaddedRow<V>.Read<T>(scores + (nint)(first * T.Size), columns, x, float.NegativeInfinity);
            var highest = V.All(float.NegativeInfinity);
            if (mask.AddressOf(row, T.Size) is var place and not 0)
                PaddedRow<V>.Read<T>(place, columns, added, 0);
            for (var i = 0; i < length; i += V.Count)
            {
                var value = V.MultiplyAdd(V.Load(x + i), factor, V.Load(added + i));
                value.Store(x + i);
                highest = V.Max(highest, value);
            }

            var shift = V.All(V.Top(highest));
            var sums = default(V);
            for (var i = 0; i < length; i += V.Count)
            {
                var value = VectorMath<V>.Exp(V.Load(x + i) - shift);
                value.Store(x + i);
                sums += value;
            }

            var share = V.All(1f / V.Sum(sums));
            for (var i = 0; i < length; i += V.Count)
                (V.Load(x + i) * share).Store(x + i);
            PaddedRow<V>.Write<T>(x, columns, scores + (nint)(first * T.Size));
            var factors = DropoutRow.Draw(dropout, first, columns, buffer);
            if (factors == null)
                continue;
            for (var i = 0; i < length; i += V.Count)
                (V.Load(x + i) * V.Load(factors + i)).Store(x + i);
            PaddedRow<V>.Write<T>(x, columns, dropped + (nint)(first * T.Size));
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
        var length = PaddedRow<V>.Length(columns);
        var arrived = stackalloc float[length];
        var shares = stackalloc float[length];
        var buffer = stackalloc float[DropoutRow.Length(length, dropout)];
        var factor = V.All(scale);
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = row * columns;
            var place = (nint)(first * T.Size);
            PaddedRow<V>.Read<T>(gradient + place, columns, arrived, 0);
            PaddedRow<V>.Read<T>(weights + place, columns, shares, 0);
            var factors = DropoutRow.Draw(dropout, first, columns, buffer);
            var sums = default(V);
            for (var i = 0; i < length; i += V.Count)
            {
                var back = V.Load(arrived + i);
                if (factors != null)
                {
                    back *= V.Load(factors + i);
                    back.Store(arrived + i);
                }

                sums = V.MultiplyAdd(back, V.Load(shares + i), sums);
            }

            var mean = V.All(V.Sum(sums));
            for (var i = 0; i < length; i += V.Count)
                ((V.Load(arrived + i) - mean) * V.Load(shares + i) * factor).Store(arrived + i);
            PaddedRow<V>.Write<T>(arrived, columns, gradient + place);
            if (factors == null)
                continue;
            for (var i = 0; i < length; i += V.Count)
                (V.Load(shares + i) * V.Load(factors + i)).Store(shares + i);
            PaddedRow<V>.Write<T>(shares, columns, weights + place);
        }
    }
}
