using System.Runtime.CompilerServices;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>The pieces of a short word, packed: each an id above its length in UTF-16 units; 0 behind the last one.</summary>
[InlineArray(Most)]
internal struct PackedPieces
{
    /// <summary>The most pieces that there is room for.</summary>
    public const int Most = 11;

    private const int LengthBits = 4;
    private uint _first;

    /// <summary>Packs pieces; gives false where there is no room for one.</summary>
    public static bool TryPack(List<Subword> pieces, out PackedPieces packed)
    {
        packed = default;
        if (pieces.Count is 0 or > Most)
            return false;
        for (int i = 0; i < pieces.Count; i++)
        {
            (int id, int length) = pieces[i];
            if (length is < 1 or > AsciiWord.Longest || (uint)id >= 1u << (32 - LengthBits))
                return false;
            packed[i] = ((uint)id << LengthBits) | (uint)length;
        }

        return true;
    }

    public static int IdOf(uint piece) => (int)(piece >> LengthBits);

    public static int LengthOf(uint piece) => (int)(piece & ((1u << LengthBits) - 1));
}
