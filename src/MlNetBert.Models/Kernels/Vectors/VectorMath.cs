using System.Runtime.CompilerServices;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>Functions of many numbers at once, to a few units of float32's last place.</summary>
/// <typeparam name="V">The lanes.</typeparam>
internal static class VectorMath<V>
    where V : struct, ILanes<V>
{
    private const float Least = -87.3f; // below, eˣ is no normal number any more, and products with such are slow

    // Added to a number below 2²², it leaves the number rounded to an integer in the lowest bits, with a float32's bias.
    private const float Rounder = 12_582_912 + 127;

    /// <summary>eˣ of numbers that are not positive; 0 where it is below the smallest normal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        // x = n · ln 2 + r, |r| ≤ ln 2 / 2; the polynomial is Cephes' expf. What is made of numbers below the least is taken away at the
        // end.
        var rounded = V.MultiplyAdd(x, V.All(1.44269504f), V.All(Rounder));
        var n = rounded - V.All(Rounder);
        var r = V.MultiplyAdd(n, V.All(-0.693359375f), x);
        r = V.MultiplyAdd(n, V.All(2.12194440e-4f), r);
        var p = V.MultiplyAdd(V.All(1.9875691500e-4f), r, V.All(1.3981999507e-3f));
        p = V.MultiplyAdd(p, r, V.All(8.3334519073e-3f));
        p = V.MultiplyAdd(p, r, V.All(4.1665795894e-2f));
        p = V.MultiplyAdd(p, r, V.All(1.6666665459e-1f));
        p = V.MultiplyAdd(p, r, V.All(5.0000001201e-1f));
        p = V.MultiplyAdd(p, r, V.All(1));
        p = V.MultiplyAdd(p, r, V.All(1));
        return V.ZeroBelow(p * V.PowerOfLowBits(rounded), x, V.All(Least));
    }

    /// <summary>gelu(x) = x · Φ(x) and its derivative, Φ(x) + x · φ(x), from one exponential.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gelu(V x, out V slope)
    {
        // Φ as in GeluKernels: Abramowitz and Stegun 7.1.26, off by at most 1.5e-7.
        var bell = Exp(x * x * V.All(-0.5f));
        var t = V.Reciprocal(V.MultiplyAdd(V.Abs(x), V.All(0.3275911f * 0.7071067812f), V.All(1)));
        var p = V.MultiplyAdd(V.All(0.5f * 1.061405429f), t, V.All(0.5f * -1.453152027f));
        p = V.MultiplyAdd(p, t, V.All(0.5f * 1.421413741f));
        p = V.MultiplyAdd(p, t, V.All(0.5f * -0.284496736f));
        p = V.MultiplyAdd(p, t, V.All(0.5f * 0.254829592f));
        var tail = bell * t * p;
        var cumulative = V.BySign(x, tail, V.All(1) - tail);
        slope = V.MultiplyAdd(x * V.All(0.3989422804f), bell, cumulative); // φ = bell / √(2π)
        return x * cumulative;
    }
}
