using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>Canonical decomposition (NFD) of single code points.</summary>
internal static class CanonicalDecomposition
{
    public static string Of(Rune rune, string text) => rune.Value < 0xC0 ? text : text.Normalize(NormalizationForm.FormD);
}
