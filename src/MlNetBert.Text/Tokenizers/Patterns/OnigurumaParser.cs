using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>
/// Reads a regular expression as Oniguruma does, which Hugging Face's tokenizers use, and writes it for .NET: in code points, with
/// Oniguruma's classes, properties and possessive forms. What has no counterpart is refused by name.
/// </summary>
internal sealed class OnigurumaParser
{
    private const int MostCharacters = 10_000; // twenty times what known tokenizers have
    private readonly string _pattern;
    private readonly PatternWriter _writer = new();
    private readonly Stack<Group> _groups = new();
    private readonly ClassParser _classes;
    private int _position;
    private bool _ignoresCase;
    private bool _dotIsAll;

    private OnigurumaParser(string pattern)
    {
        _pattern = pattern;
        _classes = new ClassParser(pattern);
    }

    /// <summary>Translates a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="standIns">Takes what the texts need that it is matched with.</param>
    /// <returns>The pattern for .NET.</returns>
    /// <exception cref="PatternSyntaxException">It is none, or has what is not supported.</exception>
    public static string Translate(string pattern, out StandIns standIns)
    {
        if (pattern.Length > MostCharacters)
            throw new PatternSyntaxException(FormattableString.Invariant($"is longer than {MostCharacters:#,0} characters"));
        var parser = new OnigurumaParser(pattern);
        parser.Parse();
        return parser._writer.Write(out standIns);
    }

    private void Parse()
    {
        while (_position < _pattern.Length)
        {
            char c = _pattern[_position];
            switch (c)
            {
                case '(':
                    OpenGroup();
                    break;
                case ')':
                    CloseGroup();
                    break;
                case '|':
                    Add("|");
                    break;
                case '^': // not behind a line break that ends the text
                    Add(@"(?:\A|(?<=\n)(?!\z))");
                    break;
                case '$':
                    Add("(?m:$)");
                    break;
                case '*' or '+' or '?':
                    Quantify(c.ToString(), isInterval: false);
                    break;
                case '{' when Interval() is { } interval:
                    Quantify(interval, isInterval: true);
                    break;
                case '.':
                    Add(_dotIsAll ? UnicodeProperties.Find("any")! : CodePointSet.OfRange('\n', '\n').Complement());
                    _position++;
                    break;
                case '[':
                    Add(Cased(_classes.ReadClass(ref _position)));
                    break;
                case '\\':
                    Escape();
                    break;
                default:
                    Rune.DecodeFromUtf16(_pattern.AsSpan(_position), out Rune rune, out int length);
                    _position += length;
                    AddLiteral(rune.Value);
                    break;
            }
        }

        CloseOptions();
        if (_groups.Count > 0)
            throw new PatternSyntaxException("has a group that is not closed");
    }

    private void OpenGroup()
    {
        _groups.Push(new Group(_writer.Count, _ignoresCase, _dotIsAll));
        if (Next("(?#"))
        {
            _groups.Pop();
            int end = _pattern.IndexOf(')', _position);
            _position = end < 0 ? throw new PatternSyntaxException("has a comment that is not closed") : end + 1;
            return;
        }

        string[] kinds = ["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"];
        if (Array.Find(kinds, Next) is { } kind)
        {
            _writer.Add(kind);
        }
        else if (Next("(?<"))
        {
            int end = _pattern.IndexOf('>', _position);
            if (end < 0 || !_pattern.AsSpan(_position..end).ContainsAnyExcept('=', '!'))
                throw new PatternSyntaxException("has a named group without a name");
            _position = end + 1;
            _writer.Add("(?:");
        }
        else if (Next("(?"))
        {
            Options();
        }
        else if (Next("(*"))
        {
            throw new PatternSyntaxException("has a callout '(*', which is not supported");
        }
        else
        {
            _position++;
            _writer.Add("(?:"); // nothing refers to it
        }
    }

    /// <summary>Options such as <c>(?i:…)</c>, and <c>(?i)</c>, which is a group that ends with the one around it.</summary>
    private void Options()
    {
        bool on = true;
        for (; _position < _pattern.Length; _position++)
        {
            switch (_pattern[_position])
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    _ignoresCase = on;
                    break;
                case 'm': // Ruby's: a dot is a line break, too
                    _dotIsAll = on;
                    break;
                case ':':
                    _position++;
                    _writer.Add("(?:");
                    return;
                case ')':
                    _position++;
                    _groups.Push(_groups.Pop() with { IsOption = true });
                    _writer.Add("(?:");
                    return;
                default:
                    throw new PatternSyntaxException($"has a group '(?{_pattern[_position]}', which is not supported");
            }
        }

        throw new PatternSyntaxException("has a group that is not closed");
    }

    private void CloseGroup()
    {
        CloseOptions();
        if (!_groups.TryPop(out Group? group))
            throw new PatternSyntaxException("closes a group that is not open");
        (_ignoresCase, _dotIsAll) = (group.IgnoresCase, group.DotIsAll);
        _writer.Close(group.Start);
        _position++;
    }

    private void CloseOptions()
    {
        while (_groups.TryPeek(out Group? group) && group.IsOption)
        {
            _groups.Pop();
            _writer.Add(")");
            (_ignoresCase, _dotIsAll) = (group.IgnoresCase, group.DotIsAll);
        }
    }

    /// <summary>
    /// A quantifier. A question mark behind it makes it lazy, a plus possessive; behind an interval a plus repeats it once more, and a
    /// question mark behind one number makes it optional. An interval whose numbers fall is possessive.
    /// </summary>
    private void Quantify(string quantifier, bool isInterval)
    {
        if (!_writer.CanRepeat)
            throw new PatternSyntaxException($"repeats nothing with '{quantifier}'");
        if (!isInterval)
            _position++;
        bool isLazy = (!isInterval || quantifier.Contains(',', StringComparison.Ordinal)) && Next("?");
        bool isPossessive = isInterval ? Falls(ref quantifier) : !isLazy && Next("+");
        _writer.Repeat(quantifier, isLazy, isPossessive);
    }

    private static bool Falls(ref string interval)
    {
        string[] ends = interval[1..^1].Split(',');
        if (ends.Length < 2 || ends[1].Length == 0
            || int.Parse(ends[0], CultureInfo.InvariantCulture) <= int.Parse(ends[1], CultureInfo.InvariantCulture))
            return false;
        interval = $"{{{ends[1]},{ends[0]}}}";
        return true;
    }

    /// <summary>An interval such as <c>{1,3}</c> as .NET writes it; null where the brace is a character.</summary>
    private string? Interval()
    {
        int end = _position + 1;
        while (end < _pattern.Length && (char.IsAsciiDigit(_pattern[end]) || _pattern[end] == ','))
            end++;
        string[] sides = end < _pattern.Length && _pattern[end] == '}' ? _pattern[(_position + 1)..end].Split(',') : [];
        if (sides.Length is 0 or > 2 || sides is [""] or ["", ""])
            return null;
        if (Array.Exists(sides, side => side.Length > 5))
            throw new PatternSyntaxException("repeats something more than 99999 times");
        _position = end + 1;
        return sides.Length == 1 ? $"{{{sides[0]}}}" : $"{{{(sides[0].Length == 0 ? "0" : sides[0])},{sides[1]}}}";
    }

    private void Escape()
    {
        char letter = _position + 1 < _pattern.Length
            ? _pattern[_position + 1]
            : throw new PatternSyntaxException("ends with a backslash");
        switch (letter)
        {
            case 'A' or 'z' or 'Z':
                _position++;
                Add($"\\{letter}");
                return;
            case 'b' or 'B':
                _position += 2;
                _writer.AddBoundary(isOne: letter == 'b');
                return;
            case 'R':
                _position += 2;
                _writer.AddAtom(@"(?>\r\n|[\n-\r\u0085\u2028\u2029])");
                return;
        }

        if (_classes.TryReadSet(ref _position, out CodePointSet? set, isAlone: true))
            Add(Cased(set));
        else
            AddLiteral(_classes.ReadCharacter(ref _position));
    }

    private void AddLiteral(int codePoint)
    {
        if (_ignoresCase && UnicodeProperties.Find("LC")!.Contains(codePoint))
            _writer.AddLetter(codePoint);
        else if (codePoint > 0xFFFF || StandIns.IsOne(codePoint))
            Add(CodePointSet.OfRange(codePoint, codePoint));
        else
            _writer.AddAtom(string.Create(CultureInfo.InvariantCulture, $"\\u{codePoint:X4}"));
    }

    private CodePointSet Cased(CodePointSet set) => _ignoresCase ? set.WithOtherCases() : set;

    private void Add(CodePointSet set) => _writer.AddAtom(set);

    private void Add(string text)
    {
        _position++;
        _writer.Add(text);
    }

    private bool Next(string text) => _classes.Next(text, ref _position);

    /// <summary>A group that is open: where its parts begin, and the options around it.</summary>
    private sealed record Group(int Start, bool IgnoresCase, bool DotIsAll)
    {
        /// <summary>Whether it is an option, closed with the group around it.</summary>
        public bool IsOption { get; init; }
    }
}
