using ILGPU;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// How threads share rows: a group's threads stand in lines of whole warps, a line works on a row, and a thread on eight columns, the same
/// in every row it sees. So sums over columns stay in a thread, and sums over a row go through its line.
/// </summary>
internal static class RowSums
{
    /// <summary>Threads of a warp.</summary>
    public const int Warp = 32;

    /// <summary>Warps that a group has at most.</summary>
    public const int MaxWarps = 16;

    /// <summary>The sum over the line of this thread; every thread of the group must ask.</summary>
    /// <param name="value">This thread's part.</param>
    /// <param name="shared">Memory of the group, <see cref="MaxWarps"/> numbers, that nobody has read since all threads met last.</param>
    public static float Over(float value, ArrayView<float> shared)
    {
        for (var distance = Warp / 2; distance > 0; distance >>= 1)
            value += ILGPU.Warp.ShuffleXor(value, distance);
        var warps = Group.DimX / Warp;
        if (warps == 1)
            return value;
        if (Group.IdxX % Warp == 0)
            shared[(Group.IdxY * warps) + (Group.IdxX / Warp)] = value;
        Group.Barrier();
        var sum = 0f;
        for (var i = 0; i < warps; i++)
            sum += shared[(Group.IdxY * warps) + i];
        return sum;
    }

    /// <summary>Two sums at once, for which threads meet once only.</summary>
    /// <param name="first">This thread's part of the one.</param>
    /// <param name="second">And of the other.</param>
    /// <param name="shared">Memory of the group, 4 · <see cref="MaxWarps"/> numbers.</param>
    /// <param name="turn">0 and 1 in turn: which half of the memory is taken, because some may still read the other.</param>
    public static (float First, float Second) Over(float first, float second, ArrayView<float> shared, int turn)
    {
        for (var distance = Warp / 2; distance > 0; distance >>= 1)
        {
            first += ILGPU.Warp.ShuffleXor(first, distance);
            second += ILGPU.Warp.ShuffleXor(second, distance);
        }

        var warps = Group.DimX / Warp;
        if (warps == 1)
            return (first, second);
        var half = turn * 2 * MaxWarps;
        if (Group.IdxX % Warp == 0)
        {
            var warp = half + (Group.IdxY * warps) + (Group.IdxX / Warp);
            shared[warp] = first;
            shared[warp + MaxWarps] = second;
        }

        Group.Barrier();
        var (sum, other) = (0f, 0f);
        for (var i = 0; i < warps; i++)
        {
            var warp = half + (Group.IdxY * warps) + i;
            sum += shared[warp];
            other += shared[warp + MaxWarps];
        }

        return (sum, other);
    }
}
