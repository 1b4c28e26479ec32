using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Takes a character from the ends of each token.</summary>
/// <param name="Content">The character.</param>
/// <param name="Start">How often at most it is taken from the beginning.</param>
/// <param name="Stop">How often at most it is taken from the end.</param>
[Experimental("MLNETBERT001")]
public sealed record StripDecoder(Rune Content, int Start, int Stop) : TokenDecoder
{
    internal static StripDecoder Of(JsonPart part) => new(
        part.Required("content").GetCharacter(), part.Required("start").GetCount(), part.Required("stop").GetCount());

    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        string content = Content.ToString();
        foreach (string token in tokens)
        {
            ReadOnlySpan<char> rest = token;
            for (int i = 0; i < Start && rest.StartsWith(content, StringComparison.Ordinal); i++)
                rest = rest[content.Length..];
            for (int i = 0; i < Stop && rest.EndsWith(content, StringComparison.Ordinal); i++)
                rest = rest[..^content.Length];
            yield return rest.Length == token.Length ? token : rest.ToString();
        }
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Strip");
        writer.WriteString("content", Content.ToString());
        writer.WriteNumber("start", Start);
        writer.WriteNumber("stop", Stop);
    }
}
