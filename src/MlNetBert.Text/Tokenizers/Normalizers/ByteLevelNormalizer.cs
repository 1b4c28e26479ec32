using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Writes the bytes of a text with the characters of a byte-level vocabulary.</summary>
internal sealed record ByteLevelNormalizer : TextNormalizer
{
    internal override AlignedText Normalize(AlignedText text) => ByteCharacters.Encode(text, []);

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "ByteLevel");
}
