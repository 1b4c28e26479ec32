using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>One of Unicode's normalization forms (annex 15), by tables of this library.</summary>
[Experimental("MLNETBERT001")]
public abstract record UnicodeFormNormalizer : TextNormalizer
{
    private readonly string _type;
    private readonly bool _composes;
    private readonly bool _compatible;

    private protected UnicodeFormNormalizer(string type, bool composes, bool compatible) =>
        (_type, _composes, _compatible) = (type, composes, compatible);

    internal override string? Joined => string.Empty;

    // The constant alone reads no tables: a text of ASCII, such as those that are tried when a tokenizer is opened, needs none.
    internal override bool MayChange(ReadOnlySpan<char> text) =>
        text.ContainsAnyExceptInRange('\0', (char)(CompatibilityForms.FirstCompatible - 1))
            && (!_composes || _compatible || CanonicalForms.MayChange(text));

    internal override AlignedText Normalize(AlignedText text)
    {
        if (!MayChange(text.Text))
            return text;
        return text.Transform(
            _composes ? CanonicalForms.Composed(text.Text, _compatible) : CanonicalForms.Decomposed(text.Text, _compatible));
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", _type);
}
