namespace MlNetBert.Text.Tokenizers;

/// <summary>A piece that is recognised as a whole in the raw text, before normalisation, as Hugging Face's AddedToken with <c>normalized</c> false.</summary>
/// <param name="Content">The text to recognise, case-sensitively; it is in the vocabulary.</param>
/// <param name="Special">Whether decoding may skip it as a special token.</param>
public sealed record AddedToken(string Content, bool Special = true)
{
    /// <summary>Whether white space before it belongs to it.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool LeftStrip { get; init; }

    /// <summary>Whether white space after it belongs to it.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool RightStrip { get; init; }

    /// <summary>Whether it counts only where no letter, digit or underscore stands right beside it.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool SingleWord { get; init; }
}
