namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// Unicode's normalization form C: accents are composed with their letters, so that "é" is one character however the text writes it.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record NfcNormalizer() : UnicodeFormNormalizer("NFC", composes: true, compatible: false)
{
    /// <summary>Composes a text, and keeps where each of its UTF-16 units comes from.</summary>
    /// <param name="text">The text, or a part of one; a surrogate without its partner stays as it is.</param>
    /// <param name="offset">Where that part begins.</param>
    /// <returns>Its form C.</returns>
    internal static AlignedText Compose(ReadOnlySpan<char> text, int offset) =>
        AlignedText.Written(text, offset).Transform(CanonicalForms.Composed(text));
}
