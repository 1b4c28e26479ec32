using System.Buffers;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>Normalizes a text as Hugging Face's BertNormalizer does, behind NFC where the options want that.</summary>
internal static class NormalizedText
{
    /// <summary>Normalizes a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scanner">Knows the options.</param>
    /// <returns>The normalized text with the place of each of its units in <paramref name="text"/>.</returns>
    /// <exception cref="InvalidTextException">The text is not valid UTF-16 and the scanner refuses that.</exception>
    public static AlignedText Of(ReadOnlySpan<char> text, WordScanner scanner)
    {
        AlignedText? composed = scanner.Composes(text) ? ComposedText.Of(text) : null;
        ReadOnlySpan<char> source = composed is null ? text : composed.Text;
        var normalized = new StringBuilder(source.Length + 8);
        var places = new List<TokenOffset>(source.Length + 8);
        for (int i = 0, length; i < source.Length; i += length)
        {
            OperationStatus status = Rune.DecodeFromUtf16(source[i..], out Rune rune, out length);
            var place = new TokenOffset(i, i + length);
            if (composed is not null)
                place = composed.Original(place);
            if (status != OperationStatus.Done && !scanner.ReplacesInvalid)
                throw new InvalidTextException(place.Start, source[i]);
            scanner.AppendNormalized(rune, normalized);
            while (places.Count < normalized.Length)
                places.Add(place);
        }

        return new AlignedText(normalized.ToString(), [.. places]);
    }
}
