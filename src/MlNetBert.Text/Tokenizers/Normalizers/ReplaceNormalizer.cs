using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Replaces what a pattern finds.</summary>
[Experimental("MLNETBERT001")]
public sealed record ReplaceNormalizer : TextNormalizer
{
    private readonly Replacement _replacement;

    /// <summary>What transformers' converters of SentencePiece models write: they match no blank between two visible characters.</summary>
    private static readonly string[] WhiteSpaceTogether = [" {2,}", @"\s{2,}|[\n\r\t]"];

    private ReplaceNormalizer(Replacement replacement) => _replacement = replacement;

    /// <summary>One that replaces a string.</summary>
    /// <param name="text">What is sought.</param>
    /// <param name="content">What takes its place.</param>
    /// <returns>The normalizer.</returns>
    public static ReplaceNormalizer OfString(string text, string content) => new(Replacement.OfString(text, content));

    /// <summary>One that replaces what a regular expression matches.</summary>
    /// <param name="pattern">The regular expression.</param>
    /// <param name="content">What takes the place of each match, as it is.</param>
    /// <returns>The normalizer.</returns>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public static ReplaceNormalizer OfRegex(string pattern, string content)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentNullException.ThrowIfNull(content);
        return new ReplaceNormalizer(new Replacement(TextPattern.OfRegex(pattern), content));
    }

    internal static ReplaceNormalizer Of(JsonPart part) => new(Replacement.Of(part));

    private TextPattern Pattern => _replacement.Pattern;

    internal override string? Joined =>
        Pattern.IsRegex ? (WhiteSpaceTogether.Contains(Pattern.Text, StringComparer.Ordinal) ? string.Empty : null)
        : Pattern.Text.Length == 1 ? string.Empty
        : Pattern.Text.Contains(' ', StringComparison.Ordinal) ? null
        : Pattern.Text;

    internal override AlignedText Normalize(AlignedText text)
    {
        List<(int Start, int End, bool IsMatch)> parts = Pattern.Cut(text.Text);
        if (!parts.Exists(part => part.IsMatch))
            return text;
        var replaced = new AlignedText.Builder(text.Text.Length);
        foreach ((int start, int end, bool isMatch) in parts)
        {
            if (!isMatch)
            {
                replaced.Append(text, start, end - start);
                continue;
            }

            // All of it stands where the last character of what was found stood, or before the first one.
            replaced.Text.Append(_replacement.Content);
            int first = text.Places.IsEmpty ? 0 : text.Places[0].Start;
            replaced.PlaceAt(end > 0 ? text.Places[end - 1] : new TokenOffset(first, first));
        }

        return replaced.Build();
    }

    internal override void Write(Utf8JsonWriter writer) => _replacement.Write(writer);
}
