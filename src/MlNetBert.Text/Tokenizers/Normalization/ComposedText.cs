using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>A text in normalization form C, and where each of its UTF-16 units comes from.</summary>
internal sealed class ComposedText
{
    private readonly TokenOffset[] _places;

    private ComposedText(string text, TokenOffset[] places)
    {
        Text = text;
        _places = places;
    }

    /// <summary>The composed text.</summary>
    public string Text { get; }

    /// <summary>Composes a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Its form C.</returns>
    public static ComposedText Of(ReadOnlySpan<char> text)
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

        return new ComposedText(composed.ToString(), [.. places]);
    }

    /// <summary>Where a part of the composed text comes from.</summary>
    /// <param name="part">The part, of at least one unit.</param>
    /// <returns>Its place in the text that was composed.</returns>
    public TokenOffset Original(TokenOffset part) => new(_places[part.Start].Start, _places[part.End - 1].End);

    private static int LengthAt(ReadOnlySpan<char> text, int position) =>
        position >= text.Length ? 0 : position + 1 < text.Length && char.IsSurrogatePair(text[position], text[position + 1]) ? 2 : 1;
}
