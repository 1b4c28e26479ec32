using System.Runtime.CompilerServices;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// What <see cref="GeluKernels"/> and <see cref="GatedGeluKernels"/> do, for some of the rows, on one thread of a processor, which counts
/// longer than it reads: the way there leaves what the way back multiplies with in the place of what it took.
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
    public static void Gate(Rows rows, nint input, nint output) => OverHalves<Gating>(rows, output, input);

    /// <summary>The gradient of what <see cref="Gate"/> took, in the place of what it left.</summary>
    public static void GateBackward(Rows rows, nint gradient, nint factors) => OverHalves<GatingBack>(rows, gradient, factors);

    private static void OverHalves<TStep>(Rows rows, nint singles, nint pairs)
        where TStep : struct, IHalvesStep
    {
        var half = rows.Columns * T.Size;
        var whole = rows.Columns / V.Count * V.Count * T.Size;
        var rest = stackalloc float[3 * V.Count];
        var places = stackalloc nint[3];
        for (var row = rows.Start; row < rows.End; row++)
        {
            var single = singles + (nint)(row * half);
            var first = pairs + (nint)(row * 2 * half);
            var second = first + half;
            for (var i = 0; i < whole; i += V.Count * T.Size)
                TStep.Run(single + i, first + i, second + i);
            if (whole == half)
                continue;

            // The end of a row that is no multiple of the lanes.
            (places[0], places[1], places[2]) = (single + whole, first + whole, second + whole);
            for (var i = 0; i < 3; i++)
                Buffer.MemoryCopy((void*)places[i], rest + (i * V.Count), half - whole, half - whole);
            TStep.Run((nint)rest, (nint)(rest + V.Count), (nint)(rest + (2 * V.Count)));
            for (var i = 0; i < 3; i++)
                Buffer.MemoryCopy(rest + (i * V.Count), (void*)places[i], half - whole, half - whole);
        }
    }

    // What is done with a number of a row and its two of a row of twice the length.
    private interface IHalvesStep
    {
        static abstract void Run(nint single, nint first, nint second);
    }

    private readonly struct Gating : IHalvesStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Run(nint single, nint first, nint second)
        {
            var value = VectorMath<V>.Gelu(T.Read<V>(first), out var slope);
            var gate = T.Read<V>(second);
            T.Write(single, value * gate);
            T.Write(first, slope * gate);
            T.Write(second, value);
        }
    }

    private readonly struct GatingBack : IHalvesStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Run(nint single, nint first, nint second)
        {
            var arrived = T.Read<V>(single);
            T.Write(first, arrived * T.Read<V>(first));
            T.Write(second, arrived * T.Read<V>(second));
        }
    }
}
