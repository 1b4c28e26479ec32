using System.Globalization;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>
/// The properties that a regular expression of a tokenizer may name: <c>\p{L}</c>, <c>\p{Letter}</c>, <c>[[:digit:]]</c>. Each set is made
/// when it is first asked for: all of them together take as long as opening a tokenizer.
/// </summary>
internal static class UnicodeProperties
{
    private static readonly Dictionary<string, Lazy<CodePointSet>> Sets = Make();

    /// <summary>
    /// What <c>\w</c> is outside of a class, and what <c>\b</c> stands beside: there Oniguruma takes Latin-1's raised digits and fractions
    /// for parts of words, too.
    /// </summary>
    public const string WordAlone = "word alone";

    /// <summary>What <c>[:punct:]</c> is, which has the symbols besides.</summary>
    public const string BracketPunctuation = "bracket punct";

    /// <summary>The set of a property; null for one that is not known here, such as a script.</summary>
    /// <param name="name">Its name, in any case, with or without blanks, hyphens and underscores.</param>
    public static CodePointSet? Find(string name) =>
        Sets.GetValueOrDefault(string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant())?.Value;

    private static Dictionary<string, Lazy<CodePointSet>> Make()
    {
        (string Short, UnicodeCategory[] Categories, string Long)[] groups =
        [
            ("L", [.. Between(UnicodeCategory.UppercaseLetter, UnicodeCategory.OtherLetter)], "Letter"),
            ("LC", [.. Between(UnicodeCategory.UppercaseLetter, UnicodeCategory.TitlecaseLetter)], "CasedLetter"),
            ("Lu", [UnicodeCategory.UppercaseLetter], "UppercaseLetter"), ("Ll", [UnicodeCategory.LowercaseLetter], "LowercaseLetter"),
            ("Lt", [UnicodeCategory.TitlecaseLetter], "TitlecaseLetter"), ("Lm", [UnicodeCategory.ModifierLetter], "ModifierLetter"),
            ("Lo", [UnicodeCategory.OtherLetter], "OtherLetter"),
            ("M", [.. Between(UnicodeCategory.NonSpacingMark, UnicodeCategory.EnclosingMark)], "Mark"),
            ("Mn", [UnicodeCategory.NonSpacingMark], "NonspacingMark"), ("Mc", [UnicodeCategory.SpacingCombiningMark], "SpacingMark"),
            ("Me", [UnicodeCategory.EnclosingMark], "EnclosingMark"),
            ("N", [.. Between(UnicodeCategory.DecimalDigitNumber, UnicodeCategory.OtherNumber)], "Number"),
            ("Nd", [UnicodeCategory.DecimalDigitNumber], "DecimalNumber"), ("Nl", [UnicodeCategory.LetterNumber], "LetterNumber"),
            ("No", [UnicodeCategory.OtherNumber], "OtherNumber"),
            ("Z", [.. Between(UnicodeCategory.SpaceSeparator, UnicodeCategory.ParagraphSeparator)], "Separator"),
            ("Zs", [UnicodeCategory.SpaceSeparator], "SpaceSeparator"), ("Zl", [UnicodeCategory.LineSeparator], "LineSeparator"),
            ("Zp", [UnicodeCategory.ParagraphSeparator], "ParagraphSeparator"),
            ("Cc", [UnicodeCategory.Control], "Control"), ("Cf", [UnicodeCategory.Format], "Format"),
            ("Co", [UnicodeCategory.PrivateUse], "PrivateUse"), ("Cn", [UnicodeCategory.OtherNotAssigned], "Unassigned"),
            ("C", [UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.PrivateUse, UnicodeCategory.OtherNotAssigned], "Other"),
            ("P", [.. Between(UnicodeCategory.ConnectorPunctuation, UnicodeCategory.OtherPunctuation)], "Punctuation"),
            ("Pc", [UnicodeCategory.ConnectorPunctuation], "ConnectorPunctuation"),
            ("Pd", [UnicodeCategory.DashPunctuation], "DashPunctuation"), ("Ps", [UnicodeCategory.OpenPunctuation], "OpenPunctuation"),
            ("Pe", [UnicodeCategory.ClosePunctuation], "ClosePunctuation"),
            ("Pi", [UnicodeCategory.InitialQuotePunctuation], "InitialPunctuation"),
            ("Pf", [UnicodeCategory.FinalQuotePunctuation], "FinalPunctuation"),
            ("Po", [UnicodeCategory.OtherPunctuation], "OtherPunctuation"),
            ("S", [.. Between(UnicodeCategory.MathSymbol, UnicodeCategory.OtherSymbol)], "Symbol"),
            ("Sm", [UnicodeCategory.MathSymbol], "MathSymbol"), ("Sc", [UnicodeCategory.CurrencySymbol], "CurrencySymbol"),
            ("Sk", [UnicodeCategory.ModifierSymbol], "ModifierSymbol"), ("So", [UnicodeCategory.OtherSymbol], "OtherSymbol"),
        ];
        var sets = new Dictionary<string, Lazy<CodePointSet>>(StringComparer.Ordinal);
        foreach ((string abbreviation, UnicodeCategory[] categories, string name) in groups)
        {
            sets[name.ToUpperInvariant()] = sets[abbreviation.ToUpperInvariant()] =
                new(() => CodePointSet.Where((_, category) => categories.Contains(category)));
        }

        sets["ANY"] = new(() => CodePointSet.Empty.Complement());
        sets["ASCII"] = new(() => CodePointSet.OfRange(0, 0x7F));
        sets["ASSIGNED"] = new(() => sets["CN"].Value.Complement());
        sets["BLANK"] = new(() => sets["ZS"].Value.Union(CodePointSet.OfRange('\t', '\t')));
        sets["DIGIT"] = sets["ND"];
        sets["SPACE"] = sets["WHITESPACE"] = new(() => CodePointSet.Where(
            (codePoint, _) => codePoint <= 0xFFFF && CharacterKinds.Of((char)codePoint) == CharacterKind.White));
        sets["WORD"] = new(() => CodePointSet.Where(WordCharacters.Contains));
        sets["XDIGIT"] = new(() => Union(CodePointSet.Empty, ('0', '9'), ('a', 'f'), ('A', 'F')));

        sets["WORDALONE"] = new(() => Union(
            sets["WORD"].Value, ('\u00B2', '\u00B3'), ('\u00B9', '\u00B9'), ('\u00BC', '\u00BE')));
        sets["PUNCT"] = sets["P"];
        sets["BRACKETPUNCT"] = new(() => sets["P"].Value.Union(sets["S"].Value));
        return sets;
    }

    private static CodePointSet Union(CodePointSet set, params (char First, char Last)[] ranges) =>
        ranges.Aggregate(set, (all, range) => all.Union(CodePointSet.OfRange(range.First, range.Last)));

    private static IEnumerable<UnicodeCategory> Between(UnicodeCategory first, UnicodeCategory last) =>
        Enum.GetValues<UnicodeCategory>().Where(category => category >= first && category <= last);
}
