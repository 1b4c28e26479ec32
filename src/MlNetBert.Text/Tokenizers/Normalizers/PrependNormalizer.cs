using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Sets a text before every text that is not empty.</summary>
/// <param name="Prefix">What it sets.</param>
internal sealed record PrependNormalizer(string Prefix) : TextNormalizer
{
    internal override TextNormalizer? Following => null;

    internal override AlignedText Normalize(AlignedText text) => text.Prepend(Prefix);

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Prepend");
        writer.WriteString("prepend", Prefix);
    }
}
