namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>The sets of code points that a pattern has, each once, counted while the pattern is read.</summary>
internal sealed class PatternSets
{
    private const int Most = 64; // a bit of a key each, see StandIns
    private readonly HashSet<CodePointSet> _sets = [];
    private readonly Dictionary<int, CodePointSet> _letters = [];

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<CodePointSet> All => _sets;

    /// <summary>Adds a set.</summary>
    /// <returns>It, or the equal one that was there.</returns>
    /// <exception cref="PatternSyntaxException">There are too many.</exception>
    public CodePointSet Add(CodePointSet set)
    {
        if (_sets.TryGetValue(set, out CodePointSet? same))
            return same;
        if (_sets.Count == Most)
            throw new PatternSyntaxException(FormattableString.Invariant($"has more than {Most} different classes of characters"));
        _sets.Add(set);
        return set;
    }

    /// <summary>A letter with its other cases; made once.</summary>
    public CodePointSet CasesOf(int codePoint)
    {
        if (!_letters.TryGetValue(codePoint, out CodePointSet? set))
            _letters.Add(codePoint, set = CodePointSet.OfRange(codePoint, codePoint).WithOtherCases());
        return set;
    }
}
