using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MlNetBert.Models.Kernels;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Draws dropout masks: 16 random bits an element from a counter run through SplitMix64's finaliser, so that any part of a mask can be
/// drawn by itself and the result depends neither on threads nor on the processor. Probabilities are rounded to 1 / 65,536.
/// </summary>
internal static class MaskGenerator
{
    private const int Lanes = 16;
    private const int ChunkElements = 1 << 18;

    private const ushort BFloat16One = 0x3F80;

    /// <summary>Fills a mask with zeros (dropped) and ones (kept).</summary>
    /// <typeparam name="T"><see cref="byte"/>, or <see cref="ushort"/> for numbers in bfloat16.</typeparam>
    public static unsafe void Fill<T>(Span<T> mask, double probability, ulong seed, ulong stream)
        where T : unmanaged
    {
        var threshold = Threshold(probability);
        var key = MaskKey(seed, stream);
        fixed (T* first = mask)
        {
            var address = (nint)first;
            var elements = mask.Length;
            if (elements <= ChunkElements)
                Draw(0, elements);
            else
                Parallel.For(0, (elements + ChunkElements - 1) / ChunkElements, chunk =>
                    Draw((long)chunk * ChunkElements, Math.Min(elements, (chunk + 1L) * ChunkElements)));

            void Draw(long start, long end) => Fill(new Span<T>((T*)address + start, (int)(end - start)), start, key, threshold);
        }
    }

    /// <summary>
    /// What kept elements are multiplied with, so that the mean stays: 1 / (1 − probability), the probability rounded as masks are.
    /// </summary>
    public static double Scale(double probability) => 65536.0 / (65536 - Threshold(probability));

    /// <summary>
    /// The mask that <see cref="Fill{T}(Span{T}, double, ulong, ulong)"/> fills, for kernels, which draw each element's bits where they
    /// need them.
    /// </summary>
    public static DropoutKey Key(double probability, ulong seed, ulong stream) =>
        new(MaskKey(seed, stream), Threshold(probability), (float)Scale(probability));

    private static ulong MaskKey(ulong seed, ulong stream) => SplitMix64.Mix(seed + (SplitMix64.Increment * SplitMix64.Mix(stream + 1)));

    private static ushort Threshold(double probability) => (ushort)Math.Clamp(Math.Round(probability * 65536), 0, 65535);

    private static void Fill<T>(Span<T> mask, long start, ulong key, ushort threshold)
        where T : unmanaged
    {
        var limit = Vector256.Create(threshold);
        var whole = mask.Length / Lanes;
        ref var first = ref MemoryMarshal.GetReference(mask);
        for (var i = 0; i < whole; i++)
            Store(i, ref Unsafe.Add(ref first, i * Lanes));
        if (mask.Length > whole * Lanes)
        {
            Span<T> rest = stackalloc T[Lanes];
            Store(whole, ref MemoryMarshal.GetReference(rest));
            rest[..(mask.Length - (whole * Lanes))].CopyTo(mask[(whole * Lanes)..]);
        }

        void Store(int index, ref T target)
        {
            var kept = Vector256.GreaterThanOrEqual(Bits((start / Lanes) + index, key), limit); // all bits of an element, or none
            if (typeof(T) == typeof(ushort))
            {
                (kept & Vector256.Create(BFloat16One)).StoreUnsafe(ref Unsafe.As<T, ushort>(ref target));
                return;
            }

            var ones = kept & Vector256.Create((ushort)1);
            Vector128.Narrow(ones.GetLower(), ones.GetUpper()).StoreUnsafe(ref Unsafe.As<T, byte>(ref target));
        }
    }

    // 16 numbers of 16 bits for the elements from 16 · block on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<ushort> Bits(long block, ulong key)
    {
        var counter = Vector256.Create((ulong)block * 4) + Vector256.Create(0UL, 1UL, 2UL, 3UL);
        var mixed = (counter * SplitMix64.Increment) + Vector256.Create(key);
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBUL;
        return (mixed ^ (mixed >>> 31)).AsUInt16();
    }
}
