using System.Text;
using Microsoft.ML.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalization;

namespace MlNetBert.Text.Tokenizers;

/// <summary>Hugging Face's BertNormalizer as an extension of Microsoft.ML.Tokenizers.</summary>
internal sealed class HuggingFaceNormalizer(WordScanner scanner) : Normalizer
{
    public override string Normalize(string original) => Normalize(original.AsSpan());

    public override string Normalize(ReadOnlySpan<char> original)
    {
        var result = new StringBuilder(original.Length + 8);
        foreach (Rune rune in original.EnumerateRunes())
        {
            if (scanner.Drops(rune))
                continue;
            if (scanner.Blanks(rune))
                result.Append(' ');
            else if (scanner.Isolates(rune))
                result.Append(' ').Append(scanner.Map(rune)).Append(' ');
            else
                result.Append(scanner.Map(rune));
        }

        return result.ToString();
    }
}
