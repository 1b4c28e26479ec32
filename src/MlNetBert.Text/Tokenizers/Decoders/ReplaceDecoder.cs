using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Replaces what a pattern finds in each token.</summary>
[Experimental("MLNETBERT001")]
public sealed record ReplaceDecoder : TokenDecoder
{
    private readonly Replacement _replacement;

    private ReplaceDecoder(Replacement replacement) => _replacement = replacement;

    /// <summary>One that replaces a string.</summary>
    /// <param name="text">What is sought.</param>
    /// <param name="content">What takes its place.</param>
    /// <returns>The decoder.</returns>
    public static ReplaceDecoder OfString(string text, string content) => new(Replacement.OfString(text, content));

    internal static ReplaceDecoder Of(JsonPart part) => new(Replacement.Of(part));

    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        foreach (string token in tokens)
        {
            var replaced = new StringBuilder();
            foreach ((int start, int end, bool isMatch) in _replacement.Pattern.Cut(token))
                replaced.Append(isMatch ? _replacement.Content : token.AsSpan(start..end));
            yield return replaced.ToString();
        }
    }

    internal override void Write(Utf8JsonWriter writer) => _replacement.Write(writer);
}
