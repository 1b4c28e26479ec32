using System.Text;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>Words and how often they occur, in a defined order: most frequent first, equals by their characters' numbers.</summary>
internal sealed class WordCounts
{
    public WordCounts(WordTally tally)
    {
        Texts = tally.Texts;
        TooLong = tally.TooLong;
        Items = [.. tally.Words.Select(entry => (entry.Key, entry.Value))];
        Array.Sort(Items, static (left, right) =>
        {
            int byCount = right.Count.CompareTo(left.Count);
            return byCount != 0 ? byCount : string.CompareOrdinal(left.Word, right.Word);
        });
        foreach ((_, long count) in Items)
            Words += count;
    }

    public (string Word, long Count)[] Items { get; }

    public int Count => Items.Length;

    public long Texts { get; }

    public long Words { get; }

    /// <summary>How many further words are longer than a word may be.</summary>
    public long TooLong { get; }

    /// <summary>The same with each word changed; words that become equal are counted together.</summary>
    public WordCounts Map(Func<string, string> change) => Of(Items.Select(item => (change(item.Word), item.Count)));

    /// <summary>What is left of the words between characters that no piece has.</summary>
    /// <param name="kept">The characters that pieces may have.</param>
    public WordCounts CutAtOthers(HashSet<Rune> kept) =>
        Of(Items.SelectMany(item => Parts(item.Word, kept).Select(part => (part, item.Count))));

    /// <summary>How many words have a character that no piece has.</summary>
    /// <param name="kept">The characters that pieces have.</param>
    public long CountWithOthers(HashSet<Rune> kept) =>
        Items.Where(item => !item.Word.EnumerateRunes().All(kept.Contains)).Sum(item => item.Count);

    private WordCounts Of(IEnumerable<(string Word, long Count)> items)
    {
        var tally = new WordTally { Texts = Texts, TooLong = TooLong };
        foreach ((string word, long count) in items)
            tally.Add(word, count);
        return new WordCounts(tally);
    }

    private static IEnumerable<string> Parts(string word, HashSet<Rune> kept)
    {
        int start = 0;
        int place = 0;
        foreach (Rune rune in word.EnumerateRunes())
        {
            int end = place + rune.Utf16SequenceLength;
            if (!kept.Contains(rune))
            {
                if (place > start)
                    yield return word[start..place];
                start = end;
            }

            place = end;
        }

        if (place > start)
            yield return start == 0 ? word : word[start..];
    }
}
