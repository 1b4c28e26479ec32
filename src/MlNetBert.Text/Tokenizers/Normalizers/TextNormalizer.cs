using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>What is done to a text before it is cut into words: the <c>normalizer</c> of tokenizer.json. Immutable.</summary>
[Experimental("MLNETBERT001")]
public abstract record TextNormalizer
{
    private static readonly Dictionary<string, Func<JsonPart, TextNormalizer>> Readers = new(StringComparer.Ordinal)
    {
        ["BertNormalizer"] = BertNormalizer.Of,
        ["ByteLevel"] = _ => new ByteLevelNormalizer(),
        ["Lowercase"] = _ => new LowercaseNormalizer(),
        ["NFC"] = _ => new NfcNormalizer(),
        ["NFD"] = _ => new NfdNormalizer(),
        ["NFKC"] = _ => new NfkcNormalizer(),
        ["NFKD"] = _ => new NfkdNormalizer(),
        ["Nmt"] = _ => new NmtNormalizer(),
        ["Precompiled"] = PrecompiledNormalizer.Of,
        ["Prepend"] = part => new PrependNormalizer(part.Required("prepend").GetString()),
        ["Replace"] = ReplaceNormalizer.Of,
        ["Sequence"] = SequenceNormalizer.Of,
        ["Strip"] = StripNormalizer.Of,
        ["StripAccents"] = _ => new StripAccentsNormalizer(),
    };

    private protected TextNormalizer()
    {
    }

    /// <summary>Whether text is lower-cased.</summary>
    internal virtual bool LowersCase => false;

    /// <summary>Whether accents are removed.</summary>
    internal virtual bool StripsAccents => false;

    /// <summary>
    /// The ASCII characters that may be treated otherwise beside others; all else that is visible ASCII beside visible ASCII or a blank,
    /// and a blank between two of these, it treats by itself, however long the text.
    /// </summary>
    /// <value><see langword="null"/> by default: it cannot be said.</value>
    internal virtual string? Joined => null;

    /// <summary>The same normalizer for what does not begin a text; null for none.</summary>
    /// <value>Itself by default.</value>
    internal virtual TextNormalizer? Following => this;

    /// <summary>Whether it may change a text; true by default.</summary>
    /// <param name="text">Valid UTF-16.</param>
    internal virtual bool MayChange(ReadOnlySpan<char> text) => true;

    /// <summary>
    /// Whether all places of a text are moved because of how it begins, as Hugging Face's tokenizers do where a charsmap drops the first
    /// characters: no part of such a text can be normalized by itself.
    /// </summary>
    /// <value><see langword="false"/> by default.</value>
    internal virtual bool MovesPlaces(AlignedText text) => false;

    /// <summary>Reads one from tokenizer.json; null where there is none.</summary>
    internal static TextNormalizer? Read(JsonPart part) => part.OneOf(Readers);

    /// <summary>Normalizes a text, with the places of the given one.</summary>
    internal abstract AlignedText Normalize(AlignedText text);

    /// <summary>A text normalized, for which places do not matter.</summary>
    internal string Normalized(string text) => Normalize(AlignedText.Of(text, 0, replacesInvalid: false)).Text;

    /// <summary>Writes its members, type first.</summary>
    internal abstract void Write(Utf8JsonWriter writer);
}
