namespace MlNetBert.Models.Layers;

/// <summary>Makes unlike numbers of near ones.</summary>
internal static class SplitMix64
{
    /// <summary>What a counter is multiplied with before it is mixed: 2⁶⁴ divided by the golden ratio.</summary>
    public const ulong Increment = 0x9E3779B97F4A7C15UL;

    /// <summary>The finaliser of SplitMix64 (Steele et al. 2014): every bit of the result depends on every bit of the value.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
