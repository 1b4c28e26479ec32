using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.NamedEntities;

/// <summary>
/// The pieces of a sentence's words, each word tokenized by itself with the mark that it has behind a blank, and which piece stands for
/// which word: its first one carries the word's label, the others and what pads carry none.
/// </summary>
/// <param name="Ids">The pieces of all words in order, cut to the limit; without special tokens added.</param>
/// <param name="FirstPieces">For each word the place of its first piece in <paramref name="Ids"/>; −1 for a word without a piece (white
/// space only, say) or beyond the limit.</param>
/// <param name="IsTruncated">Whether there were more pieces than the limit.</param>
internal sealed record SubwordAlignment(IReadOnlyList<int> Ids, IReadOnlyList<int> FirstPieces, bool IsTruncated = false)
{
    /// <summary>Tokenizes a sentence.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="sentence">The sentence.</param>
    /// <param name="limit">The most pieces to keep, special tokens that are added not counted.</param>
    /// <returns>The pieces.</returns>
    public static SubwordAlignment Create(SubwordTokenizer tokenizer, SentenceWords sentence, int limit)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(sentence);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var ids = new List<int>();
        var first = new int[sentence.Words.Count];
        var unread = new HashSet<int>();
        Array.Fill(first, -1);
        for (var word = 0; word < first.Length && ids.Count <= limit; word++)
        {
            var place = ids.Count;
            EncodeWord(tokenizer, sentence.Text.AsSpan(sentence.Words[word].Start..sentence.Words[word].End), ids);
            if (ids.Count == place)
                unread.Add(word);
            else if (place < limit)
                first[word] = place;
        }

        var isCut = ids.Count > limit;
        if (isCut)
            ids.RemoveRange(limit, ids.Count - limit);
        return new SubwordAlignment(ids, first, isCut) { Unread = unread };
    }

    /// <summary>
    /// A word with the blank before it that its mark comes from, as transformers has it for words that are split already (it demands
    /// add_prefix_space then); an added token needs none.
    /// </summary>
    private static void EncodeWord(SubwordTokenizer tokenizer, ReadOnlySpan<char> word, List<int> ids)
    {
        if (!tokenizer.NeedsBlankBefore(word))
        {
            tokenizer.EncodeToIds(word, ids);
            return;
        }

        var place = ids.Count;
        tokenizer.EncodeToIds(string.Concat(" ", word), ids);
        if (place < ids.Count - 1 && tokenizer.IsAdded(ids[place + 1]) && string.IsNullOrWhiteSpace(tokenizer.GetText(ids[place])))
            ids.RemoveAt(place);
    }

    /// <summary>Words of which the tokenizer reads nothing (U+200D, say), none of them beyond the limit.</summary>
    private IReadOnlySet<int> Unread { get; init; } = new HashSet<int>();

    /// <summary>Whether the tokenizer reads nothing of a word, so that it has no piece though it is not beyond the limit.</summary>
    /// <param name="word">The word's number, from 0.</param>
    /// <returns>Whether it has no piece of its own.</returns>
    public bool IsUnread(int word) => Unread.Contains(word);

    /// <summary>How many words have a piece, and so a label that counts.</summary>
    public int LabeledWords => FirstPieces.Count(place => place >= 0);

    /// <summary>
    /// The labels of the pieces with special tokens around them and padding behind: a word's at its first piece,
    /// <see cref="Losses.IgnoredLabel"/> everywhere else, so that only first pieces are trained on.
    /// </summary>
    /// <param name="wordLabels">A class a word; negative for a word without a label.</param>
    /// <param name="template">Where the special tokens stand.</param>
    /// <param name="length">Tokens of the sequence, special tokens and padding included.</param>
    /// <returns>The labels, [length].</returns>
    /// <exception cref="ArgumentException">There are more or fewer labels than words, or the sequence is too short for the
    /// pieces.</exception>
    public long[] Labels(IReadOnlyList<int> wordLabels, SpecialTokenTemplate template, int length)
    {
        ArgumentNullException.ThrowIfNull(wordLabels);
        ArgumentNullException.ThrowIfNull(template);
        if (wordLabels.Count != FirstPieces.Count)
            throw new ArgumentException($"Expected a label for each of the {FirstPieces.Count} words, found {wordLabels.Count}.",
                nameof(wordLabels));
        if (length < Ids.Count + template.AddedCount)
            throw new ArgumentException(
                $"Expected room for {Ids.Count} pieces and {template.AddedCount} special tokens, found {length} tokens.", nameof(length));
        var labels = new long[length];
        Array.Fill(labels, Losses.IgnoredLabel);
        for (var word = 0; word < wordLabels.Count; word++)
        {
            if (FirstPieces[word] >= 0 && wordLabels[word] >= 0)
                labels[template.Before.Count + FirstPieces[word]] = wordLabels[word];
        }

        return labels;
    }
}
