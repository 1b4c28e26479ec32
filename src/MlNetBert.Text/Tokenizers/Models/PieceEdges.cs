using System.Buffers;
using System.Globalization;
using System.Text;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>
/// Whether one piece continues the word of another, in vocabularies that mark blanks ("Ġthe", "▁the") instead of continuations, where a
/// piece alone does not tell.
/// </summary>
internal static class PieceEdges
{
    /// <summary>
    /// Whether nothing ends a word where two pieces meet: both have a letter, a mark, a number or a part of a character there, or the first
    /// one ends with the mark of a blank, which belongs to the word behind it.
    /// </summary>
    /// <param name="first">The first piece; empty where there is none.</param>
    /// <param name="second">The piece behind it.</param>
    /// <param name="isByteLevel">Whether they are written in the characters of bytes.</param>
    public static bool AreInside(string first, string second, bool isByteLevel)
    {
        char mark = isByteLevel ? ByteCharacters.Blank : Metaspaces.Mark;
        if (first.Length == 0 || second.Length == 0 || second.StartsWith(mark))
            return false;
        Rune? begin = RuneOf(second, isByteLevel, isEnd: false);
        return first.EndsWith(mark)
            ? begin is not { } rune || !Rune.IsWhiteSpace(rune)
            : IsInside(begin) && IsInside(RuneOf(first, isByteLevel, isEnd: true));
    }

    private static bool IsInside(Rune? rune) => rune is not { } whole || Rune.GetUnicodeCategory(whole) <= UnicodeCategory.OtherNumber;

    /// <summary>The first or last character of a piece; null where only a part of it is there.</summary>
    private static Rune? RuneOf(string piece, bool isByteLevel, bool isEnd)
    {
        byte[] bytes = BytesOf(piece, isByteLevel);
        OperationStatus status = isEnd
            ? Rune.DecodeLastFromUtf8(bytes, out Rune rune, out _)
            : Rune.DecodeFromUtf8(bytes, out rune, out _);
        return status == OperationStatus.Done ? rune : null;
    }

    private static byte[] BytesOf(string piece, bool isByteLevel) =>
        isByteLevel ? ByteCharacters.Decode(piece)
        : ByteCharacters.TryGetNamed(piece, out byte named) ? [named]
        : Encoding.UTF8.GetBytes(piece);
}
