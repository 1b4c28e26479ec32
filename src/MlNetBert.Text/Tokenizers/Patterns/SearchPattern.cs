using System.Text.Json;
using System.Text.RegularExpressions;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>What is sought in a text, a string or a regular expression: the <c>pattern</c> of tokenizer.json.</summary>
internal sealed class SearchPattern
{
    /// <summary>The longest that a regular expression may take which cannot be matched in linear time.</summary>
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(10);

    private readonly string _pattern;
    private readonly Regex? _regex;

    private SearchPattern(string pattern, Regex? regex) => (_pattern, _regex) = (pattern, regex);

    /// <summary>A string that is sought as it is.</summary>
    public static SearchPattern OfString(string pattern) => new(pattern, null);

    /// <summary>A regular expression.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static SearchPattern OfRegex(string pattern)
    {
        try
        {
            return new(pattern, new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));
        }
        catch (NotSupportedException)
        {
            return new(pattern, new Regex(pattern, RegexOptions.CultureInvariant, LongestMatch));
        }
    }

    /// <summary>Reads one from tokenizer.json.</summary>
    public static SearchPattern Read(JsonPart part)
    {
        JsonPart text = part.Optional("String");
        if (text.IsNull)
        {
            JsonPart regex = part.Required("Regex");
            try
            {
                return OfRegex(regex.GetString());
            }
            catch (ArgumentException exception)
            {
                throw regex.Fail($"must be a regular expression, but {exception.Message}", exception);
            }
        }

        return text.GetString().Length == 0 ? throw text.Fail("must not be empty") : OfString(text.GetString());
    }

    /// <summary>Where it is found, from left to right; no two overlap.</summary>
    public IEnumerable<(int Start, int Length)> Find(string text)
    {
        if (_regex is not null)
        {
            for (Match match = _regex.Match(text); match.Success; match = match.NextMatch())
                yield return (match.Index, match.Length);
            yield break;
        }

        for (int start = 0; text.IndexOf(_pattern, start, StringComparison.Ordinal) is >= 0 and var found; start = found + _pattern.Length)
            yield return (found, _pattern.Length);
    }

    /// <summary>Writes it as the member <c>pattern</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("pattern");
        writer.WriteString(_regex is null ? "String" : "Regex", _pattern);
        writer.WriteEndObject();
    }
}
