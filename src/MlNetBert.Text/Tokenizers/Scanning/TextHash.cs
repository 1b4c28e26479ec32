using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>A hash of a text for tables in memory, four UTF-16 units at once; it differs between machines of other byte orders.</summary>
internal static class TextHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    public static ulong Of(ReadOnlySpan<char> text)
    {
        ulong hash = Multiplier ^ (ulong)text.Length;
        ReadOnlySpan<ulong> fours = MemoryMarshal.Cast<char, ulong>(text);
        foreach (ulong four in fours)
            hash = Add(hash, four);
        foreach (char rest in text[(4 * fours.Length)..])
            hash = Add(hash, rest);
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }

    private static ulong Add(ulong hash, ulong units)
    {
        ulong product = (hash ^ units) * Multiplier;
        return product ^ (product >> 32); // else the high bits of the units reach no lower ones
    }
}
