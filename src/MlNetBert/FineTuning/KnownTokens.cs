using System.Globalization;
using MlNetBert.Training.Objectives;

namespace MlNetBert.FineTuning;

/// <summary>Sees whether a model's vocabulary knows the texts that it is to learn from.</summary>
internal static class KnownTokens
{
    private const double ManyUnknown = 0.2;

    /// <summary>What is worth a warning about the texts.</summary>
    /// <exception cref="InvalidDataException">They hold unknown and special tokens alone.</exception>
    public static IEnumerable<string> Check(IReadOnlyList<EncodedText> texts, SubwordTokenizer tokenizer)
    {
        var (known, unknown) = (0L, 0L);
        foreach (var text in texts)
        {
            foreach (var id in text.Ids)
            {
                if (id == tokenizer.SpecialTokens.UnknownTokenId)
                    unknown++;
                else if (!tokenizer.IsSpecial(id))
                    known++;
            }
        }

        if (known == 0)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"The rows have no token to learn from: {texts.Count} texts hold {unknown} unknown tokens and special tokens alone. The "
                    + $"model's vocabulary does not fit this text: take another model, or another column."));
        }

        var share = (double)unknown / (known + unknown);
        return share > ManyUnknown
            ? [string.Create(
                CultureInfo.InvariantCulture, $"{share:0%} of the tokens are unknown: the model's vocabulary does not fit this text.")]
            : [];
    }
}
