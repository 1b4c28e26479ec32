using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>
/// GPT-2's: cuts a text into words, each with the blank before it, and writes their bytes with the characters of a byte-level vocabulary
/// ("Ġ" for a blank).
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record ByteLevelPreTokenizer : TextPreTokenizer
{
    /// <summary>Whether a text that does not begin with a blank gets one, so that its first word is as any other.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool AddPrefixSpace { get; init; } = true;

    /// <summary>Whether the text is cut into words by GPT-2's pattern; otherwise it stays as it was cut before.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool UseRegex { get; init; } = true;

    /// <summary>A member of the format that means nothing in a pre-tokenizer; it is kept.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool TrimOffsets { get; init; } = true;

    internal override AsciiCutting? Ascii => UseRegex ? new AsciiCutting(WordPattern.Gpt2, ByteCharacters.Blank) : null;

    internal override BlankBorder BeforeBlank => UseRegex ? BlankBorder.Cut : BlankBorder.Unknown;

    internal override bool KeepsText => false;

    internal override TextPreTokenizer Following => AddPrefixSpace ? this with { AddPrefixSpace = false } : this;

    internal static ByteLevelPreTokenizer Of(JsonPart part) => new()
    {
        AddPrefixSpace = part.Required("add_prefix_space").GetBoolean(),
        TrimOffsets = part.Required("trim_offsets").GetBoolean(),
        UseRegex = part.OptionalBoolean("use_regex") ?? true,
    };

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        if (AddPrefixSpace && !text.Text.StartsWith(' '))
            text = text.Prepend(" ");
        if (UseRegex)
        {
            for (int start = 0, end; start < text.Text.Length; start = end)
            {
                end = WordPattern.Gpt2.EndOf(text.Text, start);
                words.Add((start, end - start));
            }
        }
        else if (text.Text.Length > 0)
        {
            words.Add((0, text.Text.Length));
        }

        return ByteCharacters.Encode(text, words);
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteByteLevel(AddPrefixSpace, TrimOffsets, UseRegex);
}
