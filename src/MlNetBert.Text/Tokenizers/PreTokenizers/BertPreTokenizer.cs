using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>BERT's: words stand between white space, and every punctuation mark is one.</summary>
[Experimental("MLNETBERT001")]
public sealed record BertPreTokenizer : TextPreTokenizer
{
    internal override BlankBorder BeforeBlank => BlankBorder.Cut;

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        int begin = 0;
        int position = 0;
        foreach (Rune rune in text.Text.EnumerateRunes())
        {
            CharacterClass kind = UnicodeTables.ClassOf(rune.Value);
            bool punctuation = kind == CharacterClass.Punctuation;
            int end = position + rune.Utf16SequenceLength;
            if (punctuation || kind.HasFlag(CharacterClass.White))
            {
                Add(begin, position);
                if (punctuation)
                    Add(position, end);
                begin = end;
            }

            position = end;
        }

        Add(begin, position);
        return text;

        void Add(int from, int to)
        {
            if (to > from)
                words.Add((from, to - from));
        }
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "BertPreTokenizer");
}
