using System.Text;
using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// Unicode's normalization form C, by tables of this library: accents are composed with their letters, so that "é" is one character
/// however the text writes it.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record NfcNormalizer : TextNormalizer
{
    /// <summary>Composes a text, and keeps where each of its UTF-16 units comes from.</summary>
    /// <param name="text">The text, or a part of one.</param>
    /// <param name="offset">Where that part begins.</param>
    /// <returns>Its form C.</returns>
    internal static AlignedText Compose(ReadOnlySpan<char> text, int offset)
    {
        var composed = new AlignedText.Builder(text.Length);
        int position = 0;
        TokenOffset place = default;
        foreach ((int codePoint, int change) in CanonicalForms.Composed(text))
        {
            // As Hugging Face has it: a letter stands where its base stood, and an added one where the one before it came from.
            if (change <= 0)
            {
                place = new TokenOffset(offset + position, offset + position + LengthAt(text, position));
                for (int taken = 0; taken <= -change; taken++)
                    position += LengthAt(text, position);
            }

            if (codePoint is >= 0xD800 and <= 0xDFFF)
                composed.Text.Append((char)codePoint);
            else
                composed.Text.Append(new Rune(codePoint).ToString());
            composed.PlaceAt(place);
        }

        return composed.Build();
    }

    internal override AlignedText Normalize(AlignedText text) =>
        CanonicalForms.MayChange(text.Text) ? text.Then(Compose(text.Text, 0)) : text;

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "NFC");

    private static int LengthAt(ReadOnlySpan<char> text, int position) =>
        position >= text.Length ? 0 : position + 1 < text.Length && char.IsSurrogatePair(text[position], text[position + 1]) ? 2 : 1;
}
