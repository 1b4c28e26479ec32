using System.Runtime.Intrinsics;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>A set of ASCII characters that is sought in sixteen at once (Muła and Langdale's nibble lookup).</summary>
internal readonly struct AsciiSet
{
    private readonly Vector128<byte> _rows;

    /// <summary>Makes a set.</summary>
    /// <param name="contains">Whether it has a character.</param>
    public AsciiSet(Func<char, bool> contains)
    {
        Span<byte> rows = stackalloc byte[16];
        rows.Clear();
        for (int character = 0; character < 128; character++)
        {
            if (contains((char)character))
                rows[character & 15] |= (byte)(1 << (character >> 4)); // the row is the low nibble, the bit the high one
        }

        _rows = Vector128.Create<byte>(rows);
    }

    /// <summary>Finds the characters of the set.</summary>
    /// <param name="characters">Sixteen characters as <see cref="AsciiWord.Load"/> gives them.</param>
    /// <returns>A bit per character, the first lowest.</returns>
    public uint In(Vector128<byte> characters)
    {
        var bits = Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0);
        Vector128<byte> row = Vector128.ShuffleNative(_rows, characters & Vector128.Create((byte)15));
        Vector128<byte> bit = Vector128.ShuffleNative(bits, characters >>> 4);
        return ~Vector128.Equals(row & bit, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF;
    }
}
