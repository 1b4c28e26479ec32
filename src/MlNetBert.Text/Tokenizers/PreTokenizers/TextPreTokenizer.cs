using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>
/// How a normalized text is cut into the words that a model spells: the <c>pre_tokenizer</c> of tokenizer.json. Immutable.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract record TextPreTokenizer
{
    private static readonly Dictionary<string, Func<JsonPart, TextPreTokenizer>> Readers = new(StringComparer.Ordinal)
    {
        ["BertPreTokenizer"] = _ => new BertPreTokenizer(),
        ["ByteLevel"] = ByteLevelPreTokenizer.Of,
        ["Digits"] = part => new DigitsPreTokenizer(part.Required("individual_digits").GetBoolean()),
        ["Metaspace"] = MetaspacePreTokenizer.Of,
        ["Punctuation"] = PunctuationPreTokenizer.Of,
        ["Sequence"] = SequencePreTokenizer.Of,
        ["Split"] = SplitPreTokenizer.Of,
        ["Whitespace"] = _ => new WhitespacePreTokenizer(),
        ["WhitespaceSplit"] = _ => new WhitespaceSplitPreTokenizer(),
    };

    private protected TextPreTokenizer()
    {
    }

    /// <summary>How it cuts texts of ASCII, where something cuts before blanks.</summary>
    /// <value><see langword="null"/> by default: it cannot be said.</value>
    internal virtual AsciiCutting? Ascii => null;

    /// <summary>What it does before a blank behind a character that is visible.</summary>
    internal virtual BlankBorder BeforeBlank => BlankBorder.Unknown;

    /// <summary>The same pre-tokenizer for what follows the first word of a text, where that word may get a mark that no blank stands
    /// for.</summary>
    /// <value>Itself by default: the beginning of a text is treated as any place.</value>
    internal virtual TextPreTokenizer Following => this;

    /// <summary>Whether the text stays as it is.</summary>
    /// <value><see langword="true"/> by default.</value>
    internal virtual bool KeepsText => true;

    /// <summary>Reads one from tokenizer.json; null where there is none.</summary>
    internal static TextPreTokenizer? Read(JsonPart part) => part.OneOf(Readers);

    /// <summary>Cuts a text into words.</summary>
    /// <param name="text">The text.</param>
    /// <param name="words">Takes where words stand in the text that is returned, none empty.</param>
    /// <returns>The text, or what was made of it.</returns>
    internal abstract AlignedText Split(AlignedText text, List<(int Start, int Length)> words);

    /// <summary>Writes its members, type first.</summary>
    internal abstract void Write(Utf8JsonWriter writer);
}
