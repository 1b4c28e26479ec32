namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// A piece that is recognised as a whole in a text, as Hugging Face's AddedToken: leftmost first, of those that begin in one place the
/// longest.
/// </summary>
/// <param name="Content">The text to recognise; it is in the vocabulary.</param>
/// <param name="Special">Whether decoding may skip it as a special token.</param>
[Experimental("MLNETBERT001")]
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

    /// <summary>
    /// Whether its normalized form is sought in the normalized text, so that «Covid» is found in «COVID» where text is lower-cased;
    /// otherwise it is sought in the text as it is written, before those that are normalized. Decoding gives the normalized form.
    /// </summary>
    /// <value><see langword="false"/> by default.</value>
    public bool Normalized { get; init; }
}
