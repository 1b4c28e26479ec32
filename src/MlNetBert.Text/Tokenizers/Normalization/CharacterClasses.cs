using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>The classes of all code points; those of the basic plane are computed once.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] BasicPlane = MakeBasicPlane();

    public static CharacterClass Of(char character) => BasicPlane[character];

    public static CharacterClass Of(Rune rune) => rune.IsBmp ? BasicPlane[rune.Value] : Compute(rune.Value);

    private static CharacterClass[] MakeBasicPlane()
    {
        var classes = new CharacterClass[0x10000];
        for (int i = 0; i < classes.Length; i++)
            classes[i] = Compute(i);
        return classes;
    }

    private static CharacterClass Compute(int codePoint)
    {
        if (codePoint is '\t' or '\n' or '\r')
            return CharacterClass.WhiteSpace;
        if (codePoint is 0 or 0xFFFD)
            return CharacterClass.Dropped;
        if (IsIdeograph(codePoint))
            return CharacterClass.Ideograph;

        UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(codePoint);
        if (codePoint < 128 && category is UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol && codePoint < 128)
            return CharacterClass.Punctuation;
        switch (category)
        {
            case UnicodeCategory.Control:
                // The white space among the controls (U+000B, U+000C, U+0085, …) counts where text is not cleaned.
                return codePoint is 0x0B or 0x0C or 0x85 ? CharacterClass.Dropped | CharacterClass.WhiteSpace : CharacterClass.Dropped;
            case UnicodeCategory.Format or UnicodeCategory.PrivateUse:
                return CharacterClass.Dropped;
            case UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                return CharacterClass.WhiteSpace;
            case UnicodeCategory.NonSpacingMark:
                return CharacterClass.NonSpacingMark;
            case UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
                or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
                or UnicodeCategory.OtherPunctuation:
                return CharacterClass.Punctuation;
            default:
                return CharacterClass.Letter;
        }
    }

    // The blocks that BERT's reference tokenizer calls Chinese.
    private static bool IsIdeograph(int codePoint) =>
        codePoint is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
