using System.Text;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.NamedEntities;

/// <summary>A sentence and where its words are.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Words">The words, in order, in UTF-16 units of the sentence.</param>
internal sealed record SentenceWords(string Text, IReadOnlyList<TokenOffset> Words)
{
    /// <summary>Splits a text at white space.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text and its words.</returns>
    public static SentenceWords Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new List<TokenOffset>();
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isSpace = i == text.Length || char.IsWhiteSpace(text[i]);
            if (!isSpace && start < 0)
                start = i;
            if (isSpace && start >= 0)
            {
                words.Add(new TokenOffset(start, i));
                start = -1;
            }
        }

        return new SentenceWords(text, words);
    }

    /// <summary>Joins words with a space between them.</summary>
    /// <param name="words">The words; one may be empty.</param>
    /// <returns>The sentence that they make, and their places in it.</returns>
    public static SentenceWords Join(IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var text = new StringBuilder();
        var places = new List<TokenOffset>();
        foreach (var word in words)
        {
            if (places.Count > 0)
                text.Append(' ');
            places.Add(new TokenOffset(text.Length, text.Length + word.Length));
            text.Append(word);
        }

        return new SentenceWords(text.ToString(), places);
    }

    /// <summary>A word.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <returns>Its characters.</returns>
    public string this[int index] => Text[Words[index].Start..Words[index].End];

    /// <summary>An entity as the sentence spells it, with its place there.</summary>
    /// <param name="entity">The entity, among the words.</param>
    /// <returns>The entity, from the beginning of its first word to the end of its last.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The entity is empty or leaves the sentence.</exception>
    public NamedEntity Locate(EntitySpan entity)
    {
        if (entity.Start < 0 || entity.End <= entity.Start || entity.End > Words.Count)
            throw new ArgumentOutOfRangeException(nameof(entity),
                $"Expected an entity of at least one of the {Words.Count} words, found {entity}.");
        var (start, end) = (Words[entity.Start].Start, Words[entity.End - 1].End);
        return new NamedEntity(entity.Label, Text[start..end], start, end);
    }
}
