using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>Words are runs of letters, digits and their like, and runs of all else but white space: <c>\w+|[^\w\s]+</c>.</summary>
internal sealed record WhitespacePreTokenizer : TextPreTokenizer
{
    internal override BlankBorder BeforeBlank => BlankBorder.Cut;

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        int position = 0;
        CharacterKind previous = CharacterKind.White;
        foreach (Rune rune in text.Text.EnumerateRunes())
        {
            CharacterKind kind = Rune.IsWhiteSpace(rune) ? CharacterKind.White
                : WordCharacters.Contains(rune) ? CharacterKind.Letter
                : CharacterKind.Other;
            if (kind != CharacterKind.White && kind == previous)
                words[^1] = (words[^1].Start, words[^1].Length + rune.Utf16SequenceLength);
            else if (kind != CharacterKind.White)
                words.Add((position, rune.Utf16SequenceLength));
            previous = kind;
            position += rune.Utf16SequenceLength;
        }

        return text;
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "Whitespace");
}
