using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>What Split and Replace look for: a text, or a regular expression as Oniguruma reads it. Immutable and thread-safe.</summary>
internal sealed partial class TextPattern : IEquatable<TextPattern>
{
    private const double Million = 1e6;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private readonly string _text;
    private readonly JsonPlace _place;
    private readonly TimeSpan _longest;
    private readonly TimeProvider _clock;
    private readonly WordPattern? _words;
    private readonly Regex? _regex;
    private readonly StandIns? _standIns;

    /// <summary>Makes a pattern.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isRegex">Whether it is a regular expression.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="longest">
    /// How long one match may take to be found, and all of a text together, once more for every million characters; 5 s by default.
    /// </param>
    /// <param name="clock">Tells the time that all matches take; the system's by default.</param>
    /// <exception cref="PatternSyntaxException">It is no regular expression, or has what is not supported.</exception>
    public TextPattern(string text, bool isRegex, JsonPlace place = default, TimeSpan? longest = null, TimeProvider? clock = null)
    {
        (_text, IsRegex, _place) = (text, isRegex, place);
        (_longest, _clock) = (longest ?? Longest, clock ?? TimeProvider.System);
        _words = isRegex ? WordPattern.Of(text) : null;
        if (isRegex && _words is null)
            _regex = Make(OnigurumaParser.Translate(text, out _standIns));
    }

    /// <summary>A text that is sought as it is.</summary>
    public static TextPattern OfString(string text) => new(text, isRegex: false);

    /// <summary>A regular expression.</summary>
    /// <exception cref="ArgumentException">It is none, or has what is not supported.</exception>
    public static TextPattern OfRegex(string regex)
    {
        try
        {
            return new TextPattern(regex, isRegex: true);
        }
        catch (PatternSyntaxException exception)
        {
            throw new ArgumentException($"The regular expression {exception.Message}: {Shown(regex)}", nameof(regex), exception);
        }
    }

    /// <summary>The text, or the regular expression.</summary>
    public string Text => _text;

    /// <summary>Whether it is a regular expression.</summary>
    public bool IsRegex { get; }

    /// <summary>The pattern of words that it is; null for any other.</summary>
    public WordPattern? Words => _words;

    /// <summary>
    /// Whether it is known to find the same in a text as in the parts of it that blanks stand between: no match holds a blank, is empty, or
    /// depends on what stands beside it.
    /// </summary>
    public bool StaysBetweenBlanks => IsRegex
        ? _regex is not null && OfVisibleCharacters.IsMatch(_text) && !_regex.IsMatch(string.Empty)
        : !_text.Contains(' ', StringComparison.Ordinal);

    /// <summary>Characters, classes, groups and repetitions, without anchors, negations, and classes that may hold white space.</summary>
    [GeneratedRegex(@"^(?:[^\s\p{C}.^$\\(\[]|\[(?!:)|\((?!\?)|\(\?:|\\d|\\p\{[LNPM][a-z]?\})+\z", RegexOptions.CultureInvariant)]
    private static partial Regex OfVisibleCharacters { get; }

    /// <summary>Reads <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
    public static TextPattern Read(JsonPart part)
    {
        JsonPart regex = part.Optional("Regex");
        if (regex.IsNull)
        {
            JsonPart text = part.Required("String");
            return text.GetString().Length == 0
                ? throw text.Fail("must not be empty")
                : new TextPattern(text.GetString(), isRegex: false, text.Place);
        }

        try
        {
            return new TextPattern(regex.GetString(), isRegex: true, regex.Place);
        }
        catch (PatternSyntaxException exception)
        {
            throw regex.Fail($"is a regular expression that {exception.Message}: {Shown(regex.GetString())}", exception);
        }
    }

    /// <summary>Writes it as it is read.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("pattern");
        writer.WriteString(IsRegex ? "Regex" : "String", _text);
        writer.WriteEndObject();
    }

    /// <summary>Cuts a text into what matches and what stands between.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <returns>The parts, which are all of the text one behind the other; a match may be empty.</returns>
    /// <exception cref="TokenizerFormatException">The regular expression takes too long.</exception>
    public List<(int Start, int End, bool IsMatch)> Cut(string text)
    {
        var parts = new List<(int Start, int End, bool IsMatch)>();
        int taken = 0;
        if (_words is not null)
        {
            for (int start = 0; start < text.Length; start = taken)
                Match(start, _words.EndOf(text, start));
        }
        else if (_regex is not null)
        {
            CutByRegex(text, Match);
        }
        else
        {
            for (int start; (start = text.IndexOf(_text, taken, StringComparison.Ordinal)) >= 0;)
                Match(start, start + _text.Length);
        }

        if (taken < text.Length)
            parts.Add((taken, text.Length, false));
        return parts;

        void Match(int start, int end)
        {
            if (taken < start)
                parts.Add((taken, start, false));
            parts.Add((start, end, true));
            taken = end;
        }
    }

    public bool Equals(TextPattern? other) =>
        other is not null && IsRegex == other.IsRegex && string.Equals(_text, other._text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as TextPattern);

    public override int GetHashCode() => HashCode.Combine(_text, IsRegex);

    /// <summary>
    /// By the engine that backtracks, within a time. The other one drops matches and cuts others short where parts may be empty or lazy
    /// (github.com/dotnet/runtime/pull/130176): of random patterns it read one in fourteen otherwise.
    /// </summary>
    private Regex Make(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, _longest);
        }
        catch (ArgumentException exception)
        {
            throw new PatternSyntaxException($"cannot be read ({exception.Message})");
        }
    }

    private void CutByRegex(string text, Action<int, int> match)
    {
        string replaced = _standIns!.Replace(text, out int[] places) ?? text;
        TimeSpan longest = _longest * (1 + (text.Length / Million));
        long began = _clock.GetTimestamp();
        int last = -1;
        try
        {
            foreach (ValueMatch found in _regex!.EnumerateMatches(replaced))
            {
                int end = found.Index + found.Length;
                if (found.Length > 0 || end != last)
                    match(Place(found.Index), Place(end));
                last = end;
                if (_clock.GetElapsedTime(began) > longest)
                    throw TooLong(longest, text.Length, null);
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw TooLong(_longest, text.Length, exception);
        }

        int Place(int position) => places.Length == 0 ? position : places[position];
    }

    private TokenizerFormatException TooLong(TimeSpan longest, int length, Exception? exception)
    {
        string fault = string.Create(
            CultureInfo.InvariantCulture,
            $"is a regular expression that takes more than {longest.TotalSeconds:0.###} s on a text of {length:#,0} characters, "
                + $"because it tries the same characters again and again: {Shown(_text)}");
        return _place == default
            ? new TokenizerFormatException("A pattern made in code", $"it {fault}. Write it without nested repetitions.", exception)
            : _place.Fail(fault, exception);
    }

    private static string Shown(string text) => text.Length > 100 ? text[..100] + "…" : text;
}
