using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary><c>\w</c> of Rust's regular expressions: what is alphabetic, marks, decimal digits, connectors and joiners.</summary>
internal static class WordCharacters
{
    /// <summary>Whether a character is one.</summary>
    public static bool Contains(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.LetterNumber
        || rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);
}
