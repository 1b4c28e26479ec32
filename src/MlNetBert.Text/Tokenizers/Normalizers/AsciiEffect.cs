namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// What a normalizer does to visible ASCII characters whose neighbors are ASCII too. It is found by trying each of them, for normalizers
/// that look at no more than the neighbors they say (<see cref="TextNormalizer.Joined"/>).
/// </summary>
/// <param name="IsKept">Whether a character stays as it is, or as its lower case.</param>
/// <param name="LowerCases">Whether letters become lower-case.</param>
/// <param name="Blank">What a blank between two of them becomes.</param>
/// <param name="DropsLastBlank">Whether a blank behind such a character at the end of a text is dropped.</param>
internal sealed record AsciiEffect(Func<char, bool> IsKept, bool LowerCases, char Blank, bool DropsLastBlank)
{
    /// <summary>The effect of a normalizer; null where it may depend on more, or a blank becomes several characters or none.</summary>
    public static AsciiEffect? Of(TextNormalizer? normalizer)
    {
        if (normalizer is null)
            return new AsciiEffect(IsVisible, LowerCases: false, ' ', DropsLastBlank: false);
        if (normalizer.Joined is not { } joined || Try(' ') is not { } blank)
            return null;
        string end = normalizer.Normalized("x ");
        if (end is not ['x'] && !(end is ['x', var last] && last == blank))
            return null;
        bool lowers = Try('A') == 'a';
        bool[] kept = [.. Enumerable.Range(0, 128).Select(value => (char)value).Select(character => IsVisible(character)
            && character != blank && !joined.Contains(character, StringComparison.OrdinalIgnoreCase)
            && Try(character) == (lowers ? char.ToLowerInvariant(character) : character))];
        return new AsciiEffect(character => character < 128 && kept[character], lowers, blank, end.Length == 1);

        char? Try(char character) => normalizer.Normalized($"x{character}x") is ['x', var only, 'x'] ? only : null;
    }

    private static bool IsVisible(char character) => character is > ' ' and <= '~';
}
