namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// Spells words in pieces behind a cache of words: the longest piece first, then the longest that continues it (Wu et al. 2016). A word
/// that cannot be spelt to its end is unknown as a whole.
/// </summary>
internal sealed class PieceSpeller
{
    private const int LongestCachedWord = 64;
    private readonly WordCache _cache = new();
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _beginnings;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;
    private readonly IReadOnlyList<string> _vocabulary;
    private readonly int _prefixLength;
    private readonly int _longest;
    private readonly SpecialTokens _special;
    private readonly int[] _unknown;

    public PieceSpeller(TokenizerVocabulary vocabulary, SpecialTokens special, WordPieceTokenizerOptions options)
    {
        string prefix = options.ContinuingPrefix;
        _vocabulary = vocabulary.Pieces;
        _prefixLength = prefix.Length;
        _special = special;
        _unknown = special.UnknownTokenId is { } unknown ? [unknown] : [];
        var beginnings = new Dictionary<string, int>(StringComparer.Ordinal);
        var continuations = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (!vocabulary.IsSpelt(id) && id != special.UnknownTokenId)
                continue;
            string piece = vocabulary.Pieces[id];
            beginnings[piece] = id;
            if (piece.StartsWith(prefix, StringComparison.Ordinal))
                continuations[piece[prefix.Length..]] = id;
            _longest = Math.Max(_longest, piece.Length);
        }

        _beginnings = beginnings.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>What stands for a word that cannot be spelt.</summary>
    /// <exception cref="InvalidOperationException">There is no unknown token.</exception>
    public ReadOnlySpan<int> Unknown => RequireUnknown();

    public ReadOnlySpan<int> Spell(ReadOnlySpan<char> word, uint hash)
    {
        int[]? ids = _cache.Find(word, hash);
        if (ids is null)
        {
            ids = Spell(word);
            if (word.Length <= LongestCachedWord)
                _cache.Add(word, hash, ids);
        }

        return ids;
    }

    /// <summary>How many UTF-16 units of a word a piece covers.</summary>
    public int LengthOf(int id, bool first) => _vocabulary[id].Length - (first ? 0 : _prefixLength);

    private int[] RequireUnknown()
    {
        if (_unknown.Length == 0)
            _special.Require(SpecialTokenRole.Unknown, "A word that the vocabulary cannot spell");
        return _unknown;
    }

    private int[] Spell(ReadOnlySpan<char> word)
    {
        var ids = new List<int>();
        for (int start = 0; start < word.Length;)
        {
            int id = -1;
            int length = Math.Min(_longest, word.Length - start);
            while (length > 0 && !(start == 0 ? _beginnings : _continuations).TryGetValue(word.Slice(start, length), out id))
                length--;
            if (length == 0)
                return RequireUnknown();
            ids.Add(id);
            start += length;
        }

        return [.. ids];
    }
}
