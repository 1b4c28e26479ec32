using System.Text;
using Microsoft.ML.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalization;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// Hugging Face's BertPreTokenizer as an extension of Microsoft.ML.Tokenizers: words end at white space, punctuation stands alone.
/// </summary>
internal sealed class HuggingFacePreTokenizer : PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        var words = new List<(int Offset, int Length)>();
        int start = 0;
        int position = 0;
        while (position < text.Length)
        {
            Rune.DecodeFromUtf16(text[position..], out Rune rune, out int length);
            CharacterClass kind = UnicodeTables.ClassOf(rune.Value);
            bool white = kind.HasFlag(CharacterClass.White);
            if (white || kind == CharacterClass.Punctuation)
            {
                if (position > start)
                    words.Add((start, position - start));
                if (!white)
                    words.Add((position, length));
                start = position + length;
            }

            position += length;
        }

        if (position > start)
            words.Add((start, position - start));
        return words;
    }
}
