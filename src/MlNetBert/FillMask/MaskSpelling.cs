using System.Text;

namespace MlNetBert.FillMask;

/// <summary>
/// Finds masks whose case was changed before the tokenizer saw them, as NormalizeText does: a tokenizer that lower-cases makes no
/// difference there, and so [mask] is [MASK].
/// </summary>
internal static class MaskSpelling
{
    /// <summary>The text with its masks as the vocabulary writes them; of the same length.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="text">The text.</param>
    public static ReadOnlyMemory<char> Restore(SubwordTokenizer tokenizer, ReadOnlyMemory<char> text)
    {
        if (!tokenizer.LowersCase || tokenizer.SpecialTokens.MaskTokenId is not { } id)
            return text;
        var mask = tokenizer.Vocabulary[id];
        char[]? restored = null;
        for (var start = Find(text.Span, 0, mask); start >= 0; start = Find(text.Span, start + mask.Length, mask))
        {
            if (text.Span.Slice(start, mask.Length).SequenceEqual(mask) || !StandsAlone(text.Span, start, start + mask.Length))
                continue;
            restored ??= text.ToArray();
            mask.CopyTo(restored.AsSpan(start));
        }

        return restored ?? text;
    }

    private static int Find(ReadOnlySpan<char> text, int from, string mask)
    {
        var found = text[from..].IndexOf(mask, StringComparison.OrdinalIgnoreCase);
        return found < 0 ? -1 : from + found;
    }

    /// <summary>Not flags[mask], which is code.</summary>
    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int end) =>
        (start == 0
            || Rune.DecodeLastFromUtf16(text[..start], out var before, out _) != System.Buffers.OperationStatus.Done
            || !Rune.IsLetterOrDigit(before))
        && (end == text.Length
            || Rune.DecodeFromUtf16(text[end..], out var after, out _) != System.Buffers.OperationStatus.Done
            || !Rune.IsLetterOrDigit(after));
}
