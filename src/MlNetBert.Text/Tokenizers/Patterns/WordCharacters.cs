using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>What <c>\w</c> is in regular expressions.</summary>
internal static class WordCharacters
{
    /// <summary>Oniguruma's: letters, marks, decimal digits and connectors, with all else that is alphabetic.</summary>
    public static bool Contains(int codePoint, UnicodeCategory category) =>
        category is <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation
            || codePoint is (>= 0x24B6 and <= 0x24E9)
                or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    /// <summary>Rust's: the same and the joiners.</summary>
    public static bool Contains(Rune rune) => rune.Value is 0x200C or 0x200D || Contains(rune.Value, Rune.GetUnicodeCategory(rune));
}
