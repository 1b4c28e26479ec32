using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers;

/// <summary>How well a vocabulary fits texts.</summary>
/// <param name="Texts">How many texts were read.</param>
/// <param name="Words">Their words, split at white space.</param>
/// <param name="Tokens">Their tokens, without special tokens added; those of a text without a word, which are blanks, are not
/// counted.</param>
/// <param name="UnknownTokens">How many of the tokens are unknown ([UNK]).</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VocabularyUse(long Texts, long Words, long Tokens, long UnknownTokens)
{
    /// <summary>Tokens spent on a word; not a number where there is no word.</summary>
    public double TokensPerWord => (double)Tokens / Words;

    /// <summary>The share of the tokens that is unknown, 0 to 1; not a number where there is no token.</summary>
    public double UnknownTokenRate => (double)UnknownTokens / Tokens;

    /// <summary>Measures a tokenizer on texts.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="texts">The texts; they are read once.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static VocabularyUse Measure(SubwordTokenizer tokenizer, IEnumerable<string> texts,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(texts);
        long count = 0, words = 0, tokens = 0, unknown = 0;
        var ids = new List<int>();
        foreach (string text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            count++;
            long found = CountWords(text);
            if (found == 0)
                continue;
            ids.Clear();
            tokenizer.EncodeToIds(text, ids);
            words += found;
            tokens += ids.Count;
            if (tokenizer.SpecialTokens.UnknownTokenId is { } id)
                unknown += CollectionsMarshal.AsSpan(ids).Count(id);
        }

        return new VocabularyUse(count, words, tokens, unknown);
    }

    private static long CountWords(string text)
    {
        long words = 0;
        bool inside = false;
        foreach (char c in text)
        {
            bool isSpace = char.IsWhiteSpace(c);
            if (!isSpace && !inside)
                words++;
            inside = !isSpace;
        }

        return words;
    }
}
