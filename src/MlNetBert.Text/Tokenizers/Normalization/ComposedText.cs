using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>Puts a text into normalization form C, and keeps where each of its UTF-16 units comes from.</summary>
internal static class ComposedText
{
    /// <summary>Composes a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Its form C.</returns>
    public static AlignedText Of(ReadOnlySpan<char> text)
    {
        var composed = new StringBuilder(text.Length);
        var places = new List<TokenOffset>(text.Length);
        int position = 0;
        TokenOffset place = default;
        foreach ((int codePoint, int change) in CanonicalForms.Composed(text))
        {
            // As Hugging Face has it: a letter stands where its base stood, and an added one where the one before it came from.
            if (change <= 0)
            {
                place = new TokenOffset(position, position + LengthAt(text, position));
                for (int taken = 0; taken <= -change; taken++)
                    position += LengthAt(text, position);
            }

            if (codePoint is >= 0xD800 and <= 0xDFFF)
                composed.Append((char)codePoint);
            else
                composed.Append(new Rune(codePoint).ToString());
            while (places.Count < composed.Length)
                places.Add(place);
        }

        return new AlignedText(composed.ToString(), [.. places]);
    }

    private static int LengthAt(ReadOnlySpan<char> text, int position) =>
        position >= text.Length ? 0 : position + 1 < text.Length && char.IsSurrogatePair(text[position], text[position + 1]) ? 2 : 1;
}
