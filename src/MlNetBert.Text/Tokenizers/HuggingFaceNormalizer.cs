using System.Text;
using Microsoft.ML.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalization;

namespace MlNetBert.Text.Tokenizers;

/// <summary>Hugging Face's BertNormalizer, behind NFC where the options want that, as an extension of Microsoft.ML.Tokenizers.</summary>
internal sealed class HuggingFaceNormalizer(WordScanner scanner) : Normalizer
{
    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());

    public override string Normalize(string original)
    {
        var result = new StringBuilder(original.Length + 8);
        foreach (Rune rune in scanner.Compose(original).EnumerateRunes())
            scanner.AppendNormalized(rune, result);

        return result.ToString();
    }
}
