namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>
/// The patterns that byte-level tokenizers cut words with, matched by hand: by code points, in one pass, and without a regular expression's
/// backtracking. Every character of a text is in a match.
/// </summary>
internal abstract class WordPattern
{
    private static readonly Dictionary<string, WordPattern> Known = new(StringComparer.Ordinal)
    {
        [Gpt2WordPattern.Regex] = new Gpt2WordPattern(),
        [LlamaWordPattern.RegexOf("{1,3}")] = new LlamaWordPattern(mostDigits: 3),
        [LlamaWordPattern.RegexOf("")] = new LlamaWordPattern(mostDigits: 1),
    };

    /// <summary>GPT-2's.</summary>
    public static WordPattern Gpt2 => Known[Gpt2WordPattern.Regex];

    /// <summary>The pattern that a regular expression is; null for any other.</summary>
    public static WordPattern? Of(string regex) => Known.GetValueOrDefault(regex);

    /// <summary>Where the match ends that begins at a place.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <param name="start">A place before its end, where a match begins.</param>
    /// <returns>The end, behind the place.</returns>
    public abstract int EndOf(ReadOnlySpan<char> text, int start);

    /// <summary>The length of <c>'s</c>, <c>'t</c>, <c>'re</c>, <c>'ve</c>, <c>'m</c>, <c>'ll</c> or <c>'d</c> at a place; 0 where there is
    /// none.</summary>
    protected static int ContractionAt(ReadOnlySpan<char> text, int start, bool ignoresCase)
    {
        if (text[start] != '\'' || start + 1 >= text.Length)
            return 0;
        char first = Fold(text[start + 1]);
        if (first is 's' or 't' or 'm' or 'd')
            return 2;
        if (start + 2 >= text.Length)
            return 0;
        return (first, Fold(text[start + 2])) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;

        // The long s is the one character beyond ASCII whose case folds to one of these letters.
        char Fold(char c) => !ignoresCase ? c : c == '\u017F' ? 's' : char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
    }

    /// <summary>
    /// Where <c>\s+(?!\S)|\s+</c> ends: all white space at the end of a text, and before anything else all but its last character.
    /// </summary>
    /// <param name="start">Where the white space begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="length">The text's length.</param>
    protected static int EndOfWhite(int start, int end, int length) => end == length || end - start == 1 ? end : end - 1;
}
