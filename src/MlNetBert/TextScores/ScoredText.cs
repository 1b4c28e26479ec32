using System.Text;

namespace MlNetBert.TextScores;

/// <summary>Texts as Python's <c>str</c> cuts them, which the reference implementations of the scores are written in.</summary>
internal static class ScoredText
{
    /// <summary>The parts between white space; none is empty.</summary>
    public static string[] Words(string text) =>
        string.Create(text.Length, text, (blank, source) =>
        {
            for (var i = 0; i < source.Length; i++)
                blank[i] = IsSpace(source[i]) ? ' ' : source[i];
        }).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The text without white space at its end.</summary>
    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
            end--;
        return text[..end];
    }

    /// <summary>The code points that are no white space.</summary>
    public static int[] Characters(string text) => [.. text.EnumerateRunes().Where(rune => !IsSpace(rune)).Select(rune => rune.Value)];

    // Python counts the four separators of ASCII as white space, .NET does not.
    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    private static bool IsSpace(Rune rune) => rune.IsBmp && IsSpace((char)rune.Value);
}
