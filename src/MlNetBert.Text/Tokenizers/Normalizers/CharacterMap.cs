using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// What a code point becomes when accents are stripped and letters lower-cased, each code point by itself as Hugging Face does.
/// </summary>
internal sealed class CharacterMap
{
    private static readonly CharacterMap?[] Shared = new CharacterMap?[4];
    private readonly string?[] _basicPlane = new string?[0x10000];
    private readonly bool _stripAccents;
    private readonly bool _lowerCase;

    private CharacterMap(bool stripAccents, bool lowerCase)
    {
        _stripAccents = stripAccents;
        _lowerCase = lowerCase;
    }

    public static CharacterMap For(bool stripAccents, bool lowerCase) =>
        Shared[(stripAccents ? 1 : 0) | (lowerCase ? 2 : 0)] ??= new CharacterMap(stripAccents, lowerCase);

    /// <summary>The text a code point becomes; empty for an accent that is stripped.</summary>
    public string Map(Rune rune) => rune.IsBmp ? _basicPlane[rune.Value] ??= Compute(rune) : Compute(rune);

    private string Compute(Rune rune)
    {
        if (_stripAccents && UnicodeTables.ClassOf(rune.Value).HasFlag(CharacterClass.Mark))
            return string.Empty;
        string text = (_stripAccents ? UnicodeTables.Strip(rune.Value) : null) ?? rune.ToString();
        return _lowerCase ? string.Concat(text.EnumerateRunes().Select(LowerCase)) : text;
    }

    private static string LowerCase(Rune rune) => rune.Value switch
    {
        0x130 => "i\u0307", // the one code point whose lower case is two
        _ => UnicodeTables.LowerCase(rune.Value) ?? Rune.ToLowerInvariant(rune).ToString(),
    };
}
