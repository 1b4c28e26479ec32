using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Replaces what a pattern finds.</summary>
[Experimental("MLNETBERT001")]
public sealed record ReplaceNormalizer : TextNormalizer
{
    private readonly SearchPattern _pattern;
    private readonly string _content;

    internal ReplaceNormalizer(SearchPattern pattern, string content) => (_pattern, _content) = (pattern, content);

    /// <summary>One that replaces a string.</summary>
    /// <param name="text">What is sought.</param>
    /// <param name="content">What takes its place.</param>
    /// <returns>The normalizer.</returns>
    public static ReplaceNormalizer OfString(string text, string content)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentNullException.ThrowIfNull(content);
        return new ReplaceNormalizer(SearchPattern.OfString(text), content);
    }

    /// <summary>One that replaces what a regular expression matches.</summary>
    /// <param name="pattern">The regular expression.</param>
    /// <param name="content">What takes the place of each match, as it is.</param>
    /// <returns>The normalizer.</returns>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public static ReplaceNormalizer OfRegex(string pattern, string content)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentNullException.ThrowIfNull(content);
        return new ReplaceNormalizer(SearchPattern.OfRegex(pattern), content);
    }

    internal static ReplaceNormalizer Of(JsonPart part) =>
        new(SearchPattern.Read(part.Required("pattern")), part.Required("content").GetString());

    internal override AlignedText Normalize(AlignedText text)
    {
        AlignedText.Builder? replaced = null;
        int copied = 0;
        foreach ((int start, int length) in _pattern.Find(text.Text))
        {
            replaced ??= new AlignedText.Builder(text.Text.Length);
            replaced.Value.Append(text, copied, start - copied);
            copied = start + length;
            // All of it stands where the last character of what was found stood.
            replaced.Value.Text.Append(_content);
            replaced.Value.PlaceAt(copied > 0 ? text.Places[copied - 1] : default);
        }

        if (replaced is not { } all)
            return text;
        all.Append(text, copied, text.Text.Length - copied);
        return all.Build();
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Replace");
        _pattern.Write(writer);
        writer.WriteString("content", _content);
    }
}
