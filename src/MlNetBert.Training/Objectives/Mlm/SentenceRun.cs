namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>Sentences of a block, one behind the other.</summary>
/// <param name="Tokens">The block's ids between the special tokens that grouping put around them.</param>
/// <param name="Bounds">Where the sentences begin, and behind them the end of the last, ascending: one more than there are sentences, or
/// none.</param>
internal sealed record SentenceRun(int[] Tokens, int[] Bounds)
{
    /// <summary>How many places there are between two sentences.</summary>
    public int CutCount => Math.Max(0, Bounds.Length - 2);

    /// <summary>All sentences.</summary>
    public ReadOnlySpan<int> Whole => Bounds.Length == 0 ? [] : Tokens.AsSpan(Bounds[0]..Bounds[^1]);

    /// <summary>The tokens before a cut.</summary>
    /// <param name="cut">The number of the cut, from 0.</param>
    public int[] Before(int cut) => Tokens[Bounds[0]..Bounds[cut + 1]];

    /// <summary>The tokens of sentences behind a cut.</summary>
    /// <param name="cut">The number of the cut, from 0.</param>
    /// <param name="count">How many sentences.</param>
    public int[] Behind(int cut, int count) => Tokens[Bounds[cut + 1]..Bounds[cut + 1 + count]];

    /// <summary>How many sentences there are behind a cut.</summary>
    /// <param name="cut">The number of the cut, from 0.</param>
    public int CountBehind(int cut) => Bounds.Length - 2 - cut;
}
