namespace MlNetBert.TextScores;

/// <summary>Counts the n-grams of texts that are compared with one another: equal n-grams have equal numbers.</summary>
internal sealed class NgramCounter
{
    // An n-gram is its first n − 1 items, by number, and its last one; 0 is the n-gram of no item.
    private readonly Dictionary<(int Beginning, int Last), int> _numbers = [];
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);

    /// <summary>How often each n-gram of words occurs.</summary>
    /// <param name="words">The words.</param>
    /// <param name="orders">The longest n-grams.</param>
    /// <returns>Counts by the n-gram's number, for each order from 1.</returns>
    public Dictionary<int, int>[] Count(IReadOnlyList<string> words, int orders) => Count([.. words.Select(NumberOf)], orders);

    /// <summary>How often each n-gram of characters occurs.</summary>
    /// <param name="items">The code points.</param>
    /// <param name="orders">The longest n-grams.</param>
    /// <returns>Counts by the n-gram's number, for each order from 1.</returns>
    public Dictionary<int, int>[] Count(int[] items, int orders)
    {
        var counts = new Dictionary<int, int>[orders];
        var ngrams = new int[items.Length];
        for (var order = 1; order <= orders; order++)
        {
            var count = counts[order - 1] = [];
            for (var i = 0; i + order <= items.Length; i++)
            {
                ngrams[i] = Number(_numbers, (ngrams[i], items[i + order - 1]));
                count[ngrams[i]] = count.GetValueOrDefault(ngrams[i]) + 1;
            }
        }

        return counts;
    }

    private int NumberOf(string word) => Number(_words, word);

    private static int Number<T>(Dictionary<T, int> numbers, T key)
        where T : notnull
    {
        if (!numbers.TryGetValue(key, out var number))
            numbers.Add(key, number = numbers.Count + 1);
        return number;
    }
}
