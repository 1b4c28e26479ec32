using ILGPU;
using ILGPU.Runtime.Cuda;

namespace MlNetBert.Models.Kernels;

/// <summary>Eight numbers in bfloat16 that lie one after the other: the sixteen bytes that a thread reads and writes at once.</summary>
internal readonly struct BFloat16x8(uint first, uint second, uint third, uint fourth)
{
    private readonly uint _first = first;
    private readonly uint _second = second;
    private readonly uint _third = third;
    private readonly uint _fourth = fourth;

    /// <summary>The nearest numbers in bfloat16; of two that are as near, the even one.</summary>
    public static BFloat16x8 Round(Float8 value) =>
        new(Pair(value.A, value.B), Pair(value.C, value.D), Pair(value.E, value.F), Pair(value.G, value.H));

    /// <summary>The same numbers in float32. Given by value, all sixteen bytes are read at once.</summary>
    public static Float8 Widen(BFloat16x8 packed) => new(
        Low(packed._first), High(packed._first), Low(packed._second), High(packed._second), Low(packed._third), High(packed._third),
        Low(packed._fourth), High(packed._fourth));

    private static float Low(uint pair) => Interop.IntAsFloat(pair << 16);

    private static float High(uint pair) => Interop.IntAsFloat(pair & 0xFFFF0000u);

    private static uint Pair(float low, float high)
    {
        if (!CudaAsm.IsSupported)
            return (Round(low) >> 16) | (Round(high) & 0xFFFF0000u);
        CudaAsm.Emit("cvt.rn.bf16x2.f32 %0, %1, %2;", out uint pair, high, low); // one instruction instead of fourteen
        return pair;
    }

    // A number that is none keeps all of its upper bits, so that rounding does not make infinity of it.
    private static uint Round(float value)
    {
        var bits = Interop.FloatAsInt(value);
        return float.IsNaN(value) ? bits | 0x00400000u : bits + 0x7FFFu + ((bits >> 16) & 1u);
    }
}
