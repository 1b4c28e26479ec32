namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>
/// The words of Llama 3 and Qwen 2: letters with any one character before them, a few digits, anything else with the line breaks behind it,
/// and white space up to its last line break.
/// </summary>
internal sealed class LlamaWordPattern(int mostDigits) : WordPattern
{
    /// <summary>The regular expression.</summary>
    /// <param name="digits">How many digits are one word, as its quantifier says it.</param>
    public static string RegexOf(string digits) =>
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + digits
            + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override int EndOf(ReadOnlySpan<char> text, int start)
    {
        if (ContractionAt(text, start, ignoresCase: true) is > 0 and var contraction)
            return start + contraction;
        CharacterKind kind = CharacterKinds.At(text, start, out int length);
        int next = start + length;
        if (kind == CharacterKind.Letter)
            return CharacterKinds.EndOfRun(text, next, kind);
        if (kind == CharacterKind.Number)
            return EndOfDigits(text, next);
        int followingLength = 0;
        CharacterKind following = next < text.Length ? CharacterKinds.At(text, next, out followingLength) : CharacterKind.White;
        if (following == CharacterKind.Letter && text[start] is not ('\r' or '\n'))
            return CharacterKinds.EndOfRun(text, next + followingLength, following);
        if (kind == CharacterKind.Other)
            return EndOfLineBreaks(text, CharacterKinds.EndOfRun(text, next, kind));
        if (text[start] == ' ' && following == CharacterKind.Other)
            return EndOfLineBreaks(text, CharacterKinds.EndOfRun(text, next, following));
        int end = CharacterKinds.EndOfRun(text, next, kind);
        int lineBreak = text[start..end].LastIndexOfAny('\r', '\n');
        return lineBreak >= 0 ? start + lineBreak + 1 : EndOfWhite(start, end, text.Length);
    }

    private int EndOfDigits(ReadOnlySpan<char> text, int position)
    {
        for (int count = 1; count < mostDigits && position < text.Length; count++)
        {
            if (CharacterKinds.At(text, position, out int length) != CharacterKind.Number)
                break;
            position += length;
        }

        return position;
    }

    private static int EndOfLineBreaks(ReadOnlySpan<char> text, int position)
    {
        while (position < text.Length && text[position] is '\r' or '\n')
            position++;
        return position;
    }
}
