using System.Globalization;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// The characters beyond ASCII that can stand beside a blank where a text is cut in two: letters and digits, which a normalizer makes such
/// characters of, adding no blank, and leaves the blank, and behind them their marks. Each is tried when it is first asked for.
/// </summary>
/// <param name="normalizer">The normalizer, one that says which characters it joins; null for none.</param>
/// <param name="blank">What it makes of a blank.</param>
internal sealed class VisibleEdges(TextNormalizer? normalizer, char blank)
{
    private readonly State[] _states = new State[char.MaxValue + 1];

    private enum State : byte
    {
        Untried,
        No,
        Mark,
        Yes,
    }

    /// <summary>Whether a character is one of them.</summary>
    public bool Contains(char character) => StateOf(character) == State.Yes;

    /// <summary>Whether a character is a mark that can stand between one of them and a blank.</summary>
    public bool IsMark(char character) => StateOf(character) == State.Mark;

    private State StateOf(char character)
    {
        State state = _states[character];
        return state != State.Untried ? state : _states[character] = Find(character);
    }

    private State Find(char character)
    {
        var isMark = IsMarkItself(character);
        // Beside a blank, one that it gets itself may be taken out again with it.
        if ((!isMark && !IsLetterOrDigit(character)) || Normalize($"x{character}x").Contains(blank))
            return State.No;
        if (isMark)
            return Normalize($"x{character} x") is [.., var end, var next, 'x'] && next == blank && IsVisible(end) ? State.Mark : State.No;
        return Normalize($"x {character} x") is ['x', var before, .. { Length: > 0 } middle, var behind, 'x']
            && before == blank && behind == blank && IsLetterOrDigit(middle[0]) && IsVisible(middle[^1])
                ? State.Yes
                : State.No;
    }

    private string Normalize(string text) => normalizer is null ? text : normalizer.Normalized(text);

    private bool IsVisible(char character) => IsLetterOrDigit(character) || IsMarkItself(character);

    private bool IsLetterOrDigit(char character) => character != blank && char.IsLetterOrDigit(character);

    private static bool IsMarkItself(char character) =>
        CharUnicodeInfo.GetUnicodeCategory(character) is >= UnicodeCategory.NonSpacingMark and <= UnicodeCategory.EnclosingMark;
}
