using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Takes combining marks out; behind <see cref="NfdNormalizer"/> or <see cref="NfkdNormalizer"/> these are accents.</summary>
[Experimental("MLNETBERT001")]
public sealed record StripAccentsNormalizer : TextNormalizer
{
    internal override bool StripsAccents => true;

    internal override string? Joined => string.Empty;

    internal override AlignedText Normalize(AlignedText text) =>
        text.Map(static rune => !rune.IsAscii && CompatibilityForms.IsMark(rune.Value) ? null : rune);

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "StripAccents");
}
