using System.Runtime.CompilerServices;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// What <see cref="NormKernels"/> and <see cref="StreamNormKernels"/> do, for some of the rows, on one thread of a processor: a row stays
/// in its first cache from the first reading to the last writing.
/// </summary>
/// <typeparam name="T">How the numbers of hidden states lie in memory.</typeparam>
/// <typeparam name="V">The lanes.</typeparam>
internal static unsafe class NormRows<T, V>
    where T : struct, INumberFormat
    where V : struct, ILanes<V>
{
    /// <summary>norm(residual + dropout(update + bias)).</summary>
    public static void Forward(Rows rows, nint update, nint residual, NormWeights weights, nint output, float* means, float* reciprocals,
        DropoutKey dropout)
    {
        var columns = rows.Columns;
        var sum = stackalloc float[columns];
        var factors = stackalloc float[DropoutRow<V>.Length(columns, dropout)];
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = row * columns;
            Add(first, columns, update, residual, weights.Bias, sum, DropoutRow<V>.Draw(dropout, first, columns, factors));
            Normalize(sum, columns, weights, output + (nint)(first * T.Size), out means[row], out reciprocals[row]);
        }
    }

    /// <summary>The gradients of what <see cref="Forward"/> took.</summary>
    public static void Backward(
        Rows rows, nint gradient, nint second, nint update, nint residual, NormWeights weights, float* means, float* reciprocals,
        nint residualGradient, nint updateGradient, float* columnGradients, DropoutKey dropout)
    {
        var columns = rows.Columns;
        var normalized = stackalloc float[columns];
        var scaled = stackalloc float[columns];
        var buffer = stackalloc float[DropoutRow<V>.Length(columns, dropout)];
        var ofScale = columnGradients;
        var ofOffset = ofScale + columns;
        var ofBias = ofOffset + columns;
        new Span<float>(columnGradients, NormKernels.ColumnGradients * columns).Clear();
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = row * columns;
            var factors = DropoutRow<V>.Draw(dropout, first, columns, buffer);
            Add(first, columns, update, residual, weights.Bias, normalized, factors);
            var reciprocal = V.All(reciprocals[row]);
            var shift = V.All(means[row]);
            var (sum, product) = (default(V), default(V));
            for (var i = 0; i < columns; i += V.Count)
            {
                var place = (nint)((first + i) * T.Size);
                var arrived = T.Read<V>(gradient + place);
                if (second != 0)
                    arrived += T.Read<V>(second + place);
                var value = (V.Load(normalized + i) - shift) * reciprocal;
                value.Store(normalized + i);
                var part = arrived * V.Load(weights.Scale + i);
                part.Store(scaled + i);
                sum += part;
                product = V.MultiplyAdd(part, value, product);
                AddToColumns(arrived, value, ofScale + i, ofOffset + i);
            }

            var mean = V.All(V.Sum(sum) / columns);
            var slope = V.All(V.Sum(product) / columns);
            for (var i = 0; i < columns; i += V.Count)
            {
                var place = (nint)((first + i) * T.Size);
                var result = (V.Load(scaled + i) - mean - (V.Load(normalized + i) * slope)) * reciprocal;
                T.Write(residualGradient + place, result);
                if (factors != null)
                {
                    result *= V.Load(factors + i);
                    T.Write(updateGradient + place, result);
                }

                (V.Load(ofBias + i) + result).Store(ofBias + i);
            }
        }
    }

    /// <summary>sum = stream + update, and norm(sum).</summary>
    public static void AddToStream(Rows rows, nint update, float* stream, NormWeights weights, float* sum, nint output, float* means,
        float* reciprocals)
    {
        var columns = rows.Columns;
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = row * columns;
            var place = sum + first;
            for (var i = 0; i < columns; i += V.Count)
                (V.Load(stream + first + i) + T.Read<V>(update + (nint)((first + i) * T.Size))).Store(place + i);
            Normalize(place, columns, weights, output + (nint)(first * T.Size), out means[row], out reciprocals[row]);
        }
    }

    /// <summary>The gradients of what <see cref="AddToStream"/> took.</summary>
    public static void AddToStreamBackward(
        Rows rows, nint gradient, float* above, float* sums, NormWeights weights, float* means, float* reciprocals, float* streamGradient,
        nint updateGradient, float* columnGradients)
    {
        var columns = rows.Columns;
        var scaled = stackalloc float[columns];
        var ofScale = columnGradients;
        var ofOffset = ofScale + columns;
        new Span<float>(columnGradients, StreamNormKernels.ColumnGradients * columns).Clear();
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = row * columns;
            var reciprocal = V.All(reciprocals[row]);
            var shift = V.All(means[row]);
            var (sum, product) = (default(V), default(V));
            for (var i = 0; i < columns; i += V.Count)
            {
                var arrived = T.Read<V>(gradient + (nint)((first + i) * T.Size));
                var value = (V.Load(sums + first + i) - shift) * reciprocal;
                var part = arrived * V.Load(weights.Scale + i);
                part.Store(scaled + i);
                sum += part;
                product = V.MultiplyAdd(part, value, product);
                AddToColumns(arrived, value, ofScale + i, ofOffset + i);
            }

            var mean = V.All(V.Sum(sum) / columns);
            var slope = V.All(V.Sum(product) / columns);
            for (var i = 0; i < columns; i += V.Count)
            {
                var value = (V.Load(sums + first + i) - shift) * reciprocal;
                var result = (V.Load(scaled + i) - mean - (value * slope)) * reciprocal;
                if (above != null)
                    result += V.Load(above + first + i);
                result.Store(streamGradient + first + i);
                T.Write(updateGradient + (nint)((first + i) * T.Size), result);
            }
        }
    }

    // The gradients of scale and offset.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddToColumns(V arrived, V normalized, float* ofScale, float* ofOffset)
    {
        V.MultiplyAdd(arrived, normalized, V.Load(ofScale)).Store(ofScale);
        (V.Load(ofOffset) + arrived).Store(ofOffset);
    }

    private static void Add(long first, int columns, nint update, nint residual, float* bias, float* sum, float* factors)
    {
        for (var i = 0; i < columns; i += V.Count)
        {
            var place = (nint)((first + i) * T.Size);
            var added = T.Read<V>(update + place) + V.Load(bias + i);
            if (factors != null)
                added *= V.Load(factors + i);
            (T.Read<V>(residual + place) + added).Store(sum + i);
        }
    }

    private static void Normalize(float* row, int columns, NormWeights weights, nint output, out float mean, out float reciprocal)
    {
        var sum = default(V);
        for (var i = 0; i < columns; i += V.Count)
            sum += V.Load(row + i);
        mean = V.Sum(sum) / columns;
        var shift = V.All(mean);
        var squares = default(V);
        for (var i = 0; i < columns; i += V.Count)
        {
            var difference = V.Load(row + i) - shift;
            squares = V.MultiplyAdd(difference, difference, squares);
        }

        reciprocal = 1f / MathF.Sqrt((V.Sum(squares) / columns) + weights.Epsilon);
        var factor = V.All(reciprocal);
        for (var i = 0; i < columns; i += V.Count)
        {
            var result = (V.Load(row + i) - shift) * factor * V.Load(weights.Scale + i);
            T.Write(output + (i * T.Size), weights.Offset == null ? result : result + V.Load(weights.Offset + i));
        }
    }
}
