using System.Text.Json;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>Words stand between white space, which is dropped.</summary>
[Experimental("MLNETBERT001")]
public sealed record WhitespaceSplitPreTokenizer : TextPreTokenizer
{
    internal override BlankBorder BeforeBlank => BlankBorder.Cut;

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        int start = 0;
        for (int i = 0; i <= text.Text.Length; i++)
        {
            if (i < text.Text.Length && !char.IsWhiteSpace(text.Text[i]))
                continue;
            if (i > start)
                words.Add((start, i - start));
            start = i + 1;
        }

        return text;
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "WhitespaceSplit");
}
