using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Replaces what a pattern finds in each token.</summary>
[Experimental("MLNETBERT001")]
public sealed record ReplaceDecoder : TokenDecoder
{
    private readonly TextPattern _pattern;
    private readonly string _content;

    private ReplaceDecoder(TextPattern pattern, string content) => (_pattern, _content) = (pattern, content);

    /// <summary>One that replaces a string.</summary>
    /// <param name="text">What is sought.</param>
    /// <param name="content">What takes its place.</param>
    /// <returns>The decoder.</returns>
    public static ReplaceDecoder OfString(string text, string content)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentNullException.ThrowIfNull(content);
        return new ReplaceDecoder(TextPattern.OfString(text), content);
    }

    internal static ReplaceDecoder Of(JsonPart part) =>
        new(TextPattern.Read(part.Required("pattern")), part.Required("content").GetString());

    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        foreach (string token in tokens)
        {
            var replaced = new StringBuilder();
            foreach ((int start, int end, bool isMatch) in _pattern.Cut(token))
                replaced.Append(isMatch ? _content : token.AsSpan(start..end));
            yield return replaced.ToString();
        }
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Replace");
        _pattern.Write(writer);
        writer.WriteString("content", _content);
    }
}
