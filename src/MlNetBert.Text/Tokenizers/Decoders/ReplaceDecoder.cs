using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Replaces what a pattern finds in each token.</summary>
[Experimental("MLNETBERT001")]
public sealed record ReplaceDecoder : TokenDecoder
{
    private readonly SearchPattern _pattern;
    private readonly string _content;

    private ReplaceDecoder(SearchPattern pattern, string content) => (_pattern, _content) = (pattern, content);

    /// <summary>One that replaces a string.</summary>
    /// <param name="text">What is sought.</param>
    /// <param name="content">What takes its place.</param>
    /// <returns>The decoder.</returns>
    public static ReplaceDecoder OfString(string text, string content)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentNullException.ThrowIfNull(content);
        return new ReplaceDecoder(SearchPattern.OfString(text), content);
    }

    internal static ReplaceDecoder Of(JsonPart part) =>
        new(SearchPattern.Read(part.Required("pattern")), part.Required("content").GetString());

    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        foreach (string token in tokens)
        {
            var replaced = new StringBuilder();
            int copied = 0;
            foreach ((int start, int length) in _pattern.Find(token))
            {
                replaced.Append(token, copied, start - copied).Append(_content);
                copied = start + length;
            }

            yield return replaced.Append(token, copied, token.Length - copied).ToString();
        }
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Replace");
        _pattern.Write(writer);
        writer.WriteString("content", _content);
    }
}
