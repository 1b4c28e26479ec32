using System.Buffers;
using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>The kinds of characters, by code points.</summary>
internal static class CharacterKinds
{
    private static readonly CharacterKind[] BasicPlane = [.. Enumerable.Range(0, 0x10000).Select(Find)];

    /// <summary>The kind of a UTF-16 unit that is a character by itself.</summary>
    public static CharacterKind Of(char character) => BasicPlane[character];

    /// <summary>The kind of the character at a place.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <param name="position">A place before its end.</param>
    /// <param name="length">The character's length in UTF-16 units.</param>
    public static CharacterKind At(ReadOnlySpan<char> text, int position, out int length)
    {
        char first = text[position];
        if (!char.IsSurrogate(first))
        {
            length = 1;
            return BasicPlane[first];
        }

        return Rune.DecodeFromUtf16(text[position..], out Rune rune, out length) == OperationStatus.Done
            ? Find(rune.Value)
            : CharacterKind.Other;
    }

    /// <summary>Where a run of characters of one kind ends.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <param name="position">Where it begins.</param>
    /// <param name="kind">The kind.</param>
    public static int EndOfRun(ReadOnlySpan<char> text, int position, CharacterKind kind)
    {
        while (position < text.Length && At(text, position, out int length) == kind)
            position += length;
        return position;
    }

    private static CharacterKind Find(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterKind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterKind.Number,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CharacterKind.White,
        UnicodeCategory.Control when codePoint is (>= '\t' and <= '\r') or 0x85 => CharacterKind.White,
        _ => CharacterKind.Other,
    };
}
