namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// What a normalizer does to visible ASCII characters whose neighbors are ASCII too. It is found by trying each of them, for normalizers that
/// look at no more than the neighbors they say (<see cref="TextNormalizer.Joined"/>).
/// </summary>
/// <param name="IsKept">Whether a character stays as it is, or as its lower case.</param>
/// <param name="LowerCases">Whether letters become lower-case.</param>
internal sealed record AsciiEffect(Func<char, bool> IsKept, bool LowerCases)
{
    /// <summary>The effect of a normalizer; null where it may depend on more, or changes blanks.</summary>
    public static AsciiEffect? Of(TextNormalizer? normalizer)
    {
        if (normalizer is null)
            return new AsciiEffect(IsVisible, LowerCases: false);
        if (normalizer.Joined is not { } joined || Try(' ') != ' ')
            return null;
        bool lowers = Try('A') == 'a';
        bool[] kept = [.. Enumerable.Range(0, 128).Select(value => (char)value).Select(character => IsVisible(character)
            && !joined.Contains(character, StringComparison.OrdinalIgnoreCase)
            && Try(character) == (lowers ? char.ToLowerInvariant(character) : character))];
        return new AsciiEffect(character => character < 128 && kept[character], lowers);

        char? Try(char character)
        {
            string normalized = normalizer.Normalize(AlignedText.Of($"x{character}x", 0, replacesInvalid: false)).Text;
            return normalized is ['x', var only, 'x'] ? only : null;
        }
    }

    private static bool IsVisible(char character) => character is > ' ' and <= '~';
}
