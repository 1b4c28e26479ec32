using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Takes white space from the ends of a text.</summary>
/// <param name="Left">Whether from its beginning.</param>
/// <param name="Right">Whether from its end.</param>
[Experimental("MLNETBERT001")]
public sealed record StripNormalizer(bool Left = true, bool Right = true) : TextNormalizer
{
    internal static StripNormalizer Of(JsonPart part) =>
        new(part.Required("strip_left").GetBoolean(), part.Required("strip_right").GetBoolean());

    internal override string? Joined => Left ? null : string.Empty;

    internal override AlignedText Normalize(AlignedText text)
    {
        int start = Left ? text.Text.Length - text.Text.AsSpan().TrimStart().Length : 0;
        int end = Right ? text.Text.AsSpan().TrimEnd().Length : text.Text.Length;
        return start == 0 && end == text.Text.Length ? text : text.Slice(start, Math.Max(0, end - start));
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Strip");
        writer.WriteBoolean("strip_left", Left);
        writer.WriteBoolean("strip_right", Right);
    }
}
