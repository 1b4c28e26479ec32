namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>A text that was made of another one, and where each of its UTF-16 units comes from.</summary>
/// <param name="text">The text.</param>
/// <param name="places">A place in the other text for each of its UTF-16 units.</param>
internal sealed class AlignedText(string text, TokenOffset[] places)
{
    /// <summary>The text.</summary>
    public string Text => text;

    /// <summary>Where a part of the text comes from.</summary>
    /// <param name="part">The part, of at least one unit.</param>
    /// <returns>Its place in the text that this one was made of.</returns>
    public TokenOffset Original(TokenOffset part) => new(places[part.Start].Start, places[part.End - 1].End);
}
