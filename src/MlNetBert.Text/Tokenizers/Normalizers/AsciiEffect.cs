namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// What a normalizer does to visible ASCII characters whose neighbors are ASCII too. It is found by trying each of them, for normalizers
/// that look at no more than the neighbors they say (<see cref="TextNormalizer.Joined"/>).
/// </summary>
/// <param name="IsKept">Whether a character stays as it is, or as its lower case.</param>
/// <param name="LowerCases">Whether letters become lower-case.</param>
/// <param name="DropsLastBlank">Whether a blank behind such a character at the end of a text is dropped.</param>
internal sealed record AsciiEffect(Func<char, bool> IsKept, bool LowerCases, bool DropsLastBlank)
{
    /// <summary>The effect of a normalizer; null where it may depend on more, or changes blanks.</summary>
    public static AsciiEffect? Of(TextNormalizer? normalizer)
    {
        if (normalizer is null)
            return new AsciiEffect(IsVisible, LowerCases: false, DropsLastBlank: false);
        string end = Normalize("x ");
        if (normalizer.Joined is not { } joined || Try(' ') != ' ' || end is not ("x" or "x "))
            return null;
        bool lowers = Try('A') == 'a';
        bool[] kept = [.. Enumerable.Range(0, 128).Select(value => (char)value).Select(character => IsVisible(character)
            && !joined.Contains(character, StringComparison.OrdinalIgnoreCase)
            && Try(character) == (lowers ? char.ToLowerInvariant(character) : character))];
        return new AsciiEffect(character => character < 128 && kept[character], lowers, end.Length == 1);

        char? Try(char character) => Normalize($"x{character}x") is ['x', var only, 'x'] ? only : null;

        string Normalize(string text) => normalizer.Normalize(AlignedText.Of(text, 0, replacesInvalid: false)).Text;
    }

    private static bool IsVisible(char character) => character is > ' ' and <= '~';
}
