namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// What <see cref="GeluKernels"/> and <see cref="GatedGeluKernels"/> do, for some of the rows, on one thread of a processor, which counts longer than it reads: the way there leaves what the way back multiplies with in the place of what
/// it took.
/// </summary>
/// <typeparam name="T">How the numbers lie in memory.</typeparam>
/// <typeparam name="V">The lanes.</typeparam>
internal static unsafe class GeluRows<T, V>
    where T : struct, INumberFormat
    where V : struct, ILanes<V>
{
    /// <summary>output = gelu(input + bias); the input becomes the slopes there.</summary>
    public static void Forward(Rows rows, nint input, float* bias, nint output)
    {
        for (var row = rows.Start; row < rows.End; row++)
        {
            var place = (nint)(row * rows.Columns * T.Size);
            for (var i = 0; i < rows.Columns; i += V.Count, place += V.Count * T.Size)
            {
                T.Write(output + place, VectorMath<V>.Gelu(T.Read<V>(input + place) + V.Load(bias + i), out var slope));
                T.Write(input + place, slope);
            }
        }
    }

    /// <summary>The gradients of what <see cref="Forward"/> took; that of the input takes the place of the output's.</summary>
    public static void Backward(Rows rows, nint gradient, nint slopes, float* biasGradient)
    {
        new Span<float>(biasGradient, rows.Columns).Clear();
        for (var row = rows.Start; row < rows.End; row++)
        {
            var place = (nint)(row * rows.Columns * T.Size);
            for (var i = 0; i < rows.Columns; i += V.Count, place += V.Count * T.Size)
            {
                var result = T.Read<V>(gradient + place) * T.Read<V>(slopes + place);
                T.Write(gradient + place, result);
                (V.Load(biasGradient + i) + result).Store(biasGradient + i);
            }
        }
    }

    /// <summary>output = gelu(first half of a row) · second half; the halves become what their gradients are multiples of.</summary>
    /// <param name="rows">Rows, and columns of the output.</param>
    /// <param name="input">Rows of twice as many columns.</param>
    /// <param name="output">Written.</param>
    public static void Gate(Rows rows, nint input, nint output)
    {
        var half = rows.Columns * T.Size;
        for (var row = rows.Start; row < rows.End; row++)
        {
            var first = input + (nint)(row * 2 * half);
            var second = first + half;
            var to = output + (nint)(row * half);
            var whole = rows.Columns / V.Count * V.Count * T.Size;
            for (var i = 0; i < whole; i += V.Count * T.Size)
                Gate(first + i, second + i, to + i);
            if (whole < half)
                Rest(&Gate, first + whole, second + whole, to + whole, half - whole);
        }
    }

    /// <summary>The gradient of what <see cref="Gate(Rows, nint, nint)"/> took, in the place of what it left.</summary>
    public static void GateBackward(Rows rows, nint gradient, nint factors)
    {
        var half = rows.Columns * T.Size;
        for (var row = rows.Start; row < rows.End; row++)
        {
            var arrived = gradient + (nint)(row * half);
            var first = factors + (nint)(row * 2 * half);
            var second = first + half;
            var whole = rows.Columns / V.Count * V.Count * T.Size;
            for (var i = 0; i < whole; i += V.Count * T.Size)
                GateBackward(arrived + i, first + i, second + i);
            if (whole < half)
                Rest(&GateBackward, arrived + whole, first + whole, second + whole, half - whole);
        }
    }

    private static void Gate(nint first, nint second, nint output)
    {
        var value = VectorMath<V>.Gelu(T.Read<V>(first), out var slope);
        var gate = T.Read<V>(second);
        T.Write(output, value * gate);
        T.Write(first, slope * gate);
        T.Write(second, value);
    }

    private static void GateBackward(nint gradient, nint first, nint second)
    {
        var arrived = T.Read<V>(gradient);
        T.Write(first, arrived * T.Read<V>(first));
        T.Write(second, arrived * T.Read<V>(second));
    }

    // The end of a row that is no multiple of the lanes.
    private static void Rest(delegate*<nint, nint, nint, void> kernel, nint first, nint second, nint third, int bytes)
    {
        var places = stackalloc nint[] { first, second, third };
        var rest = stackalloc float[3 * V.Count];
        for (var i = 0; i < 3; i++)
            Buffer.MemoryCopy((void*)places[i], rest + (i * V.Count), bytes, bytes);
        kernel((nint)rest, (nint)(rest + V.Count), (nint)(rest + (2 * V.Count)));
        for (var i = 0; i < 3; i++)
            Buffer.MemoryCopy(rest + (i * V.Count), (void*)places[i], bytes, bytes);
    }
}
