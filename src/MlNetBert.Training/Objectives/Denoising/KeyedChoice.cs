namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>Orders and choices by random words that belong to places, so that they depend on nothing else.</summary>
internal static class KeyedChoice
{
    /// <summary>A random order of the numbers below a count.</summary>
    /// <param name="count">How many.</param>
    /// <param name="wordOf">The random word of each.</param>
    public static int[] Shuffle(int count, Func<int, uint> wordOf)
    {
        var order = Enumerable.Range(0, count).ToArray();
        Array.Sort(Array.ConvertAll(order, number => ((ulong)wordOf(number) << 32) | (uint)number), order);
        return order;
    }

    /// <summary>Some of the numbers below a count, each set of them equally likely.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="chosen">How many are chosen.</param>
    /// <param name="wordOf">The random word of each.</param>
    /// <returns>Whether each is chosen.</returns>
    public static bool[] Choose(int count, int chosen, Func<int, uint> wordOf)
    {
        var isChosen = new bool[count];
        foreach (var number in Shuffle(count, wordOf).AsSpan(0, chosen))
            isChosen[number] = true;
        return isChosen;
    }
}
