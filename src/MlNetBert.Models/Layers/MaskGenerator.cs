using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Draws dropout masks: 16 random bits an element from a counter run through SplitMix64's finaliser, so that any part of a mask can be drawn
/// by itself and the result depends neither on threads nor on the processor. Probabilities are rounded to 1 / 65,536.
/// </summary>
internal static class MaskGenerator
{
    private const int Lanes = 16;
    private const int ChunkElements = 1 << 18;

    /// <summary>Fills a mask with 0 (dropped) and 1 / (1 − probability) (kept), as float32 or bfloat16.</summary>
    public static unsafe void Fill(Span<byte> mask, bool bfloat16, double probability, ulong seed, ulong stream)
    {
        var threshold = (ushort)Math.Clamp(Math.Round(probability * 65536), 0, 65535);
        var scale = (float)(65536.0 / (65536 - threshold));
        var key = Mix(seed + (0x9E3779B97F4A7C15UL * Mix(stream + 1)));
        var elements = mask.Length / (bfloat16 ? sizeof(ushort) : sizeof(float));
        fixed (byte* first = mask)
        {
            var address = (nint)first;
            if (elements <= ChunkElements)
                Draw(0, elements);
            else
                Parallel.For(0, (elements + ChunkElements - 1) / ChunkElements, chunk => Draw((long)chunk * ChunkElements, Math.Min(elements, (chunk + 1L) * ChunkElements)));

            void Draw(long start, long end)
            {
                if (bfloat16)
                    Narrow(new Span<ushort>((ushort*)address + start, (int)(end - start)), start, key, threshold, scale);
                else
                    Wide(new Span<float>((float*)address + start, (int)(end - start)), start, key, threshold, scale);
            }
        }
    }

    private static void Narrow(Span<ushort> mask, long start, ulong key, ushort threshold, float scale)
    {
        var kept = Vector256.Create(Round(scale));
        var limit = Vector256.Create(threshold);
        var whole = mask.Length / Lanes;
        ref var first = ref MemoryMarshal.GetReference(mask);
        for (var i = 0; i < whole; i++)
            (Vector256.GreaterThanOrEqual(Bits(start / Lanes + i, key), limit) & kept).StoreUnsafe(ref first, (nuint)(i * Lanes));
        if (mask.Length > whole * Lanes)
        {
            Span<ushort> rest = stackalloc ushort[Lanes];
            (Vector256.GreaterThanOrEqual(Bits(start / Lanes + whole, key), limit) & kept).CopyTo(rest);
            rest[..(mask.Length - (whole * Lanes))].CopyTo(mask[(whole * Lanes)..]);
        }
    }

    private static void Wide(Span<float> mask, long start, ulong key, ushort threshold, float scale)
    {
        var kept = Vector256.Create(scale).AsUInt32();
        var limit = Vector256.Create((uint)threshold);
        var whole = mask.Length / Lanes;
        ref var first = ref MemoryMarshal.GetReference(mask);
        for (var i = 0; i < whole; i++)
        {
            var (lower, upper) = Vector256.Widen(Bits(start / Lanes + i, key));
            (Vector256.GreaterThanOrEqual(lower, limit) & kept).AsSingle().StoreUnsafe(ref first, (nuint)(i * Lanes));
            (Vector256.GreaterThanOrEqual(upper, limit) & kept).AsSingle().StoreUnsafe(ref first, (nuint)((i * Lanes) + (Lanes / 2)));
        }

        if (mask.Length > whole * Lanes)
        {
            var bits = Bits(start / Lanes + whole, key);
            for (var i = whole * Lanes; i < mask.Length; i++)
                mask[i] = bits[i - (whole * Lanes)] >= threshold ? scale : 0;
        }
    }

    // 16 numbers of 16 bits for the elements from 16 · block on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Bits(long block, ulong key)
    {
        var counter = Vector256.Create((ulong)block * 4) + Vector256.Create(0UL, 1UL, 2UL, 3UL);
        var mixed = (counter * 0x9E3779B97F4A7C15UL) + Vector256.Create(key);
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBUL;
        return (mixed ^ (mixed >>> 31)).AsUInt16();
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }

    // float32 to bfloat16, to nearest even.
    private static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
