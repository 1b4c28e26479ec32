using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>
/// Whether a piece begins and ends inside a word: with a letter, a mark, a number, or a part of a character. It is for vocabularies that
/// mark blanks ("Ġthe", "▁the") instead of continuations, where a piece alone does not tell whether it continues a word.
/// </summary>
/// <param name="Begins">Whether it begins so.</param>
/// <param name="Ends">Whether it ends so.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PieceEdges(bool Begins, bool Ends)
{
    /// <summary>The edges of a piece, whether it is written in characters, in those of bytes, or names a byte.</summary>
    public static PieceEdges Of(string piece)
    {
        if (piece.Length == 0)
            return default;
        Span<byte> named = stackalloc byte[1];
        if (ByteCharacters.TryGetNamed(piece, out named[0]))
            return OfUtf8(named);
        byte[] bytes = new byte[piece.Length];
        for (int i = 0; i < piece.Length; i++)
        {
            int value = ByteCharacters.ByteOf(piece[i]);
            if (value < 0)
                return OfUtf8(Encoding.UTF8.GetBytes(piece));
            bytes[i] = (byte)value;
        }

        return OfUtf8(bytes);
    }

    private static PieceEdges OfUtf8(ReadOnlySpan<byte> bytes)
    {
        OperationStatus first = Rune.DecodeFromUtf8(bytes, out Rune begin, out _);
        OperationStatus last = Rune.DecodeLastFromUtf8(bytes, out Rune end, out _);
        return new PieceEdges(first != OperationStatus.Done || IsInside(begin), last != OperationStatus.Done || IsInside(end));
    }

    private static bool IsInside(Rune rune) => Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.OtherNumber;
}
