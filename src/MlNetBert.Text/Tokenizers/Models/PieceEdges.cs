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
    /// one ends with the mark of a blank, which belongs to the word behind it. Scripts without blanks between words have a word in each
    /// piece.
    /// </summary>
    /// <param name="first">The first piece; empty where there is none.</param>
    /// <param name="second">The piece behind it.</param>
    /// <param name="isByteLevel">Whether they are written in the characters of bytes.</param>
    public static bool AreInside(string first, string second, bool isByteLevel)
    {
        char mark = isByteLevel ? ByteCharacters.Blank : Metaspaces.Mark;
        if (first.Length == 0 || second.Length == 0 || second.StartsWith(mark))
            return false;
        byte[] bytes = BytesOf(second, isByteLevel);
        Rune? begin = RuneOf(bytes, isEnd: false);
        if (first.EndsWith(mark))
            return begin is not { } rune || !Rune.IsWhiteSpace(rune);
        Rune? end = RuneOf(BytesOf(first, isByteLevel), isEnd: true);
        return IsInside(begin) && IsInside(end) && !IsWordOfItsOwn(begin ?? CharacterBegunBy(bytes)) && !IsWordOfItsOwn(end);
    }

    /// <summary>
    /// Whether a character is of a script without blanks between words, where it is no mark of the character before it: Thai to Lao,
    /// Burmese, Khmer, kana, and what BERT's tokenizer splits as Chinese.
    /// </summary>
    private static bool IsWordOfItsOwn(Rune? rune) =>
        rune is { } whole
            && (whole.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
                or (>= 0x3040 and <= 0x30FF) || UnicodeTables.ClassOf(whole.Value) == CharacterClass.Ideograph)
            && Rune.GetUnicodeCategory(whole) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    /// <summary>
    /// A character that begins with some bytes, of those that a script without blanks may have: the lowest one, or kana where E3 stands
    /// alone, which begins these and ideographs. Null where the bytes begin inside of a character, or, as E0 and E1 alone do, one of many
    /// scripts.
    /// </summary>
    private static Rune? CharacterBegunBy(byte[] bytes)
    {
        if (bytes is (not [>= 0xE0 and <= 0xF4, ..]) or [0xE0 or 0xE1])
            return null;
        Span<byte> whole = stackalloc byte[bytes[0] < 0xF0 ? 3 : 4];
        whole.Fill(0x80);
        if (bytes[0] == 0xE3)
            whole[1] = 0x81;
        bytes.AsSpan(0, Math.Min(bytes.Length, whole.Length)).CopyTo(whole);
        return Rune.DecodeFromUtf8(whole, out Rune rune, out _) == OperationStatus.Done ? rune : null;
    }

    private static bool IsInside(Rune? rune) => rune is not { } whole || Rune.GetUnicodeCategory(whole) <= UnicodeCategory.OtherNumber;

    /// <summary>The first or last character of a piece; null where only a part of it is there.</summary>
    private static Rune? RuneOf(byte[] bytes, bool isEnd)
    {
        OperationStatus status = isEnd
            ? Rune.DecodeLastFromUtf8(bytes, out Rune rune, out _)
            : Rune.DecodeFromUtf8(bytes, out rune, out _);
        return status == OperationStatus.Done ? rune : null;
    }

    /// <summary>Whether a piece begins, or ends, with the mark of a blank or with white space.</summary>
    public static bool HasBlank(string piece, bool isByteLevel, bool isEnd) =>
        RuneOf(BytesOf(piece, isByteLevel), isEnd) is { } rune
            && (Rune.IsWhiteSpace(rune) || (!isByteLevel && rune.Value == Metaspaces.Mark));

    /// <summary>The bytes that a piece stands for; the mark of a blank of characters stays one.</summary>
    public static byte[] BytesOf(string piece, bool isByteLevel) =>
        isByteLevel ? ByteCharacters.Decode(piece)
        : ByteCharacters.TryGetNamed(piece, out byte named) ? [named]
        : Encoding.UTF8.GetBytes(piece);
}
