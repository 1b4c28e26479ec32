namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>What <see cref="CrossEntropyKernels"/> does, for some of the rows, on one thread of a processor.</summary>
/// <typeparam name="T">How the logits lie in memory.</typeparam>
/// <typeparam name="V">The lanes.</typeparam>
internal static unsafe class CrossEntropyRows<T, V>
    where T : struct, INumberFormat
    where V : struct, ILanes<V>
{
    /// <summary>losses = log Σ exp(x) − x[label], where x = logits + offset; logits become softmax(x) − [column = label].</summary>
    /// <param name="rows">Rows, and columns of the vocabulary.</param>
    /// <param name="logits">Become the gradient of the sum of losses.</param>
    /// <param name="offset">A number for each column.</param>
    /// <param name="labels">A column for each row; below 0 where a row takes no part.</param>
    /// <param name="losses">Written.</param>
    /// <param name="x">Memory for a row, <see cref="PaddedRow{V}.Length"/> numbers: a vocabulary can be more than a thread's stack.</param>
    public static void Forward(Rows rows, nint logits, float* offset, long* labels, float* losses, float* x)
    {
        var columns = rows.Columns;
        for (var row = rows.Start; row < rows.End; row++)
        {
            var place = logits + (nint)(row * columns * T.Size);
            var label = labels[row];
            if (label < 0)
            {
                losses[row] = 0;
                new Span<byte>((void*)place, columns * T.Size).Clear();
                continue;
            }

            var highest = V.All(float.NegativeInfinity);
            for (var i = 0; i < columns; i += V.Count)
            {
                var value = PaddedRow<V>.Read<T>(place, i, columns, float.NegativeInfinity) + PaddedRow<V>.Read<SingleFormat>(
                    (nint)offset, i, columns, 0);
                value.Store(x + i);
                highest = V.Max(highest, value);
            }

            var top = V.Top(highest);
            var shift = V.All(top);
            var chosen = x[label];
            var sums = default(V);
            for (var i = 0; i < columns; i += V.Count)
            {
                var value = VectorMath<V>.Exp(V.Load(x + i) - shift);
                value.Store(x + i);
                sums += value;
            }

            var sum = V.Sum(sums);
            losses[row] = top + MathF.Log(sum) - chosen;
            var share = V.All(1f / sum);
            x[label] -= sum; // times the share, 1
            for (var i = 0; i < columns; i += V.Count)
                PaddedRow<V>.Write<T>(V.Load(x + i) * share, place, i, columns);
        }
    }
}
