using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>Reads Oniguruma's classes of characters (<c>[a-z&amp;&amp;[^aeiou]\p{N}]</c>) and escaped characters.</summary>
internal sealed class ClassParser(string pattern)
{
    private const int Deepest = 50; // of classes in classes, each of which takes a set and the stack of two calls

    /// <summary>Reads a class.</summary>
    /// <param name="position">Where its bracket stands; then what is behind it.</param>
    public CodePointSet ReadClass(ref int position) => ReadClass(ref position, depth: 1);

    private CodePointSet ReadClass(ref int position, int depth)
    {
        if (depth > Deepest)
            throw new PatternSyntaxException(FormattableString.Invariant($"has more than {Deepest} classes one in another"));
        position++;
        bool negates = Next("^", ref position);
        CodePointSet? intersection = null;
        var set = CodePointSet.Empty;
        for (bool isFirst = true; ; isFirst = false)
        {
            if (position >= pattern.Length)
                throw new PatternSyntaxException("has a class '[' that is not closed");
            if (!isFirst && Next("]", ref position))
                break;
            if (Next("&&", ref position))
            {
                intersection = intersection?.Intersect(set) ?? set;
                set = CodePointSet.Empty;
            }
            else
            {
                set = set.Union(ReadItem(ref position, depth));
            }
        }

        set = intersection?.Intersect(set) ?? set;
        return negates ? set.Complement() : set;
    }

    /// <summary>Reads an escaped set such as <c>\s</c> or <c>\p{L}</c>.</summary>
    /// <param name="position">Where its backslash stands; then, if it is one, what is behind it.</param>
    /// <param name="set">The set.</param>
    /// <param name="isAlone">Whether it stands outside of a class.</param>
    public bool TryReadSet(ref int position, [NotNullWhen(true)] out CodePointSet? set, bool isAlone = false)
    {
        char letter = position + 1 < pattern.Length ? pattern[position + 1] : '\0';
        set = char.ToLowerInvariant(letter) switch
        {
            'd' => UnicodeProperties.Find("Nd"),
            's' => UnicodeProperties.Find("space"),
            'w' => UnicodeProperties.Find(isAlone ? UnicodeProperties.WordAlone : "word"),
            'h' => UnicodeProperties.Find("xdigit"),
            _ => null,
        };
        if (letter is 'O')
            set = UnicodeProperties.Find("any");
        else if (letter is 'N')
            set = CodePointSet.OfRange('\n', '\n').Complement();
        else if (letter is 'p' or 'P')
            return ReadProperty(ref position, isAlone, out set);
        else if (char.IsAsciiLetterUpper(letter) && set is not null)
            set = set.Complement();
        position += set is null ? 0 : 2;
        return set is not null;
    }

    /// <summary>Reads a character that is escaped.</summary>
    /// <param name="position">Where its backslash stands; then what is behind it.</param>
    public int ReadCharacter(ref int position)
    {
        char letter = position + 1 < pattern.Length
            ? pattern[position + 1]
            : throw new PatternSyntaxException("ends with a backslash");
        position += 2;
        switch (letter)
        {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case 'u':
                return Digits(ref position, 4, 4);
            case 'x' when position < pattern.Length && pattern[position] == '{':
                position++;
                int codePoint = Digits(ref position, 1, 8);
                if (!Next("}", ref position))
                    throw new PatternSyntaxException("has '\\x{' that is not closed");
                return codePoint;
            case 'x':
                return Digits(ref position, 1, 2);
            case '0':
                return Octal(ref position);
            default:
                if (char.IsAsciiLetterOrDigit(letter) || char.IsSurrogate(letter))
                    throw new PatternSyntaxException($"has '\\{letter}', which is not supported");
                return letter;
        }
    }

    /// <summary>One of what a class is made of: a class in it, a set, a range, or a character.</summary>
    private CodePointSet ReadItem(ref int position, int depth)
    {
        if (string.CompareOrdinal(pattern, position, "[:", 0, 2) == 0
            && pattern.IndexOf(":]", position, StringComparison.Ordinal) is > 0 and var end)
        {
            string name = pattern[(position + 2)..end];
            position = end + 2;
            string text = $"[:{name}:]";
            bool negates = name.StartsWith('^');
            name = negates ? name[1..] : name;
            return Named(name is "punct" ? UnicodeProperties.BracketPunctuation : name, negates, text);
        }

        if (pattern[position] == '[')
            return ReadClass(ref position, depth + 1);
        if (pattern[position] == '\\' && TryReadSet(ref position, out CodePointSet? set))
            return set;
        int first = ReadOne(ref position);
        bool isRange = position + 1 < pattern.Length && pattern[position] == '-' && pattern[position + 1] is not ']';
        if (!isRange)
            return CodePointSet.OfRange(first, first);
        position++;
        if (pattern[position] == '[')
            throw new PatternSyntaxException("has a class as the end of a range");
        int last = ReadOne(ref position);
        return last < first
            ? throw new PatternSyntaxException("has a range of characters whose end is before its beginning")
            : CodePointSet.OfRange(first, last);
    }

    private int ReadOne(ref int position)
    {
        if (Next(@"\b", ref position))
            return '\b';
        if (pattern[position] == '\\')
            return ReadCharacter(ref position);
        Rune.DecodeFromUtf16(pattern.AsSpan(position), out Rune rune, out int length);
        position += length;
        return rune.Value;
    }

    private bool ReadProperty(ref int position, bool isAlone, [NotNullWhen(true)] out CodePointSet? set)
    {
        int end = position + 2 < pattern.Length && pattern[position + 2] == '{' ? pattern.IndexOf('}', position) : -1;
        if (end < 0)
            throw new PatternSyntaxException($"has '\\{pattern[position + 1]}' without a name in braces");
        string text = pattern[position..(end + 1)];
        string name = text[3..^1];
        bool negates = name.StartsWith('^');
        name = negates ? name[1..] : name;
        if (isAlone && name.Equals("word", StringComparison.OrdinalIgnoreCase))
            name = UnicodeProperties.WordAlone;
        set = Named(name, negates != (text[1] == 'P'), text);
        position = end + 1;
        return true;
    }

    private static CodePointSet Named(string name, bool negates, string text)
    {
        CodePointSet set = UnicodeProperties.Find(name)
            ?? throw new PatternSyntaxException($"has '{text}', a property that is not supported");
        return negates ? set.Complement() : set;
    }

    /// <summary>The at most two octal digits behind a backslash and a zero.</summary>
    private int Octal(ref int position)
    {
        int value = 0;
        for (int end = position + 2; position < Math.Min(end, pattern.Length) && pattern[position] is >= '0' and <= '7'; position++)
            value = (value * 8) + pattern[position] - '0';
        return value;
    }

    /// <summary>A number of hexadecimal digits.</summary>
    private int Digits(ref int position, int least, int most)
    {
        int end = position;
        while (end < pattern.Length && end - position < most && char.IsAsciiHexDigit(pattern[end]))
            end++;
        ReadOnlySpan<char> digits = pattern.AsSpan(position..end);
        if (digits.Length < least || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            || !Rune.IsValid(value))
            throw new PatternSyntaxException("has an escaped character without a valid number");
        position = end;
        return value;
    }

    /// <summary>Passes a text over where it stands at a place.</summary>
    public bool Next(string text, ref int position)
    {
        if (string.CompareOrdinal(pattern, position, text, 0, text.Length) != 0)
            return false;
        position += text.Length;
        return true;
    }
}
