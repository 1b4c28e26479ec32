using System.Text;
using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Lower-cases each code point by itself.</summary>
[Experimental("MLNETBERT001")]
public sealed record LowercaseNormalizer : TextNormalizer
{
    internal override bool LowersCase => true;

    internal override string? Joined => string.Empty;

    internal override AlignedText Normalize(AlignedText text)
    {
        var map = CharacterMap.For(stripAccents: false, lowerCase: true);
        var characters = new List<(int CodePoint, int Change)>(text.Text.Length);
        foreach (Rune rune in text.Text.EnumerateRunes())
        {
            int change = 0;
            foreach (Rune lower in map.Map(rune).EnumerateRunes())
            {
                characters.Add((lower.Value, change));
                change = 1;
            }
        }

        return text.Transform(characters);
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "Lowercase");
}
