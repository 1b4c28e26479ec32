using System.Buffers.Binary;
using System.Text;

namespace MlNetBert.Text.Tests.Tokenizers.Normalizers;

/// <summary>Charsmaps of SentencePiece with one key, an ASCII letter.</summary>
internal static class Charsmaps
{
    /// <summary>The unit that holds the value.</summary>
    public const int Leaf = 255;

    /// <summary>A charsmap by which a letter becomes a text.</summary>
    public static byte[] Of(char letter, string replacement)
    {
        // darts-clone: a unit is a label, a bit for a value behind it, and the distance to its children.
        var units = new uint[256];
        units[letter] = letter | (1u << 8) | ((uint)(letter ^ Leaf) << 10);
        units[Leaf] = 0x80000000;
        var bytes = new byte[4 + (4 * units.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(4 * units.Length));
        for (int i = 0; i < units.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (4 * i)), units[i]);
        return [.. bytes, .. Encoding.UTF8.GetBytes(replacement), 0];
    }
}
