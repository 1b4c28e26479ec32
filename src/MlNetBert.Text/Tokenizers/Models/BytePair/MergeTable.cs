namespace MlNetBert.Text.Tokenizers.Models.BytePair;

/// <summary>The merges of a <see cref="BytePairModel"/>: which two pieces become which one, the earlier ones first.</summary>
/// <param name="vocabulary">The pieces with their ids.</param>
/// <param name="continuingPrefix">What marks a piece that continues a word; a merge takes it off its right piece.</param>
internal sealed class MergeTable(IReadOnlyDictionary<string, int> vocabulary, string? continuingPrefix)
{
    private readonly Dictionary<long, Merge> _merges = [];
    private int _rank;

    /// <summary>The pairs of ids, the first merge first.</summary>
    public IEnumerable<(int Left, int Right)> Pairs =>
        _merges.OrderBy(merge => merge.Value.Rank).Select(merge => ((int)(merge.Key >> 32), (int)merge.Key));

    /// <summary>What merges give.</summary>
    public IEnumerable<int> Results => _merges.Values.Select(merge => merge.Id);

    /// <summary>Adds the next merge; of equal ones the last counts, as in Hugging Face's tokenizers.</summary>
    /// <param name="left">The left piece.</param>
    /// <param name="right">The right piece.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Add(string left, string right)
    {
        if (!vocabulary.TryGetValue(left, out int first))
            return Missing(left);
        if (!vocabulary.TryGetValue(right, out int second))
            return Missing(right);
        if (continuingPrefix is { } prefix && !right.StartsWith(prefix, StringComparison.Ordinal))
            return $"merges '{left}' with '{right}', which does not begin with continuing_subword_prefix, '{prefix}'";
        string merged = left + right[(continuingPrefix?.Length ?? 0)..];
        if (!vocabulary.TryGetValue(merged, out int id))
            return Missing(merged);
        _merges[Key(first, second)] = new Merge(_rank++, id);
        return null;

        string Missing(string piece) => $"merges '{left}' with '{right}', but '{piece}' is not in the vocabulary";
    }

    /// <summary>The merge of two pieces, where there is one.</summary>
    public bool TryGet(int left, int right, out Merge merge) => _merges.TryGetValue(Key(left, right), out merge);

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>A merge: its place in the order, and the piece it gives.</summary>
    internal readonly record struct Merge(int Rank, int Id);
}
