using System.Text;
using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's cleaning for machine translation: control characters are dropped, and special white space becomes a blank.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record NmtNormalizer : TextNormalizer
{
    internal override string? Joined => string.Empty;

    internal override AlignedText Normalize(AlignedText text) => text.Map(static rune => rune.Value switch
    {
        (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F => null,
        0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD =>
            new Rune(' '),
        _ => rune,
    });

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "Nmt");
}
