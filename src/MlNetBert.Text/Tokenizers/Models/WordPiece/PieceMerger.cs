using System.Runtime.InteropServices;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>
/// Joins, again and again, the two neighbouring pieces that occur most often together (byte-pair encoding on code points).
/// Ties are settled by the order in which the pieces were made, so the result is one and the same always.
/// </summary>
internal sealed class PieceMerger
{
    private readonly string _prefix;
    private readonly int _minFrequency;
    private readonly List<string> _pieces = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly int[][] _words;
    private readonly int[] _lengths;
    private readonly long[] _counts;
    private readonly Dictionary<ulong, Pair> _pairs = [];
    private readonly PriorityQueue<ulong, (long Count, ulong Key)> _queue = new();
    private readonly HashSet<ulong> _grown = [];

    /// <summary>Prepares the words.</summary>
    /// <param name="words">The words, each of characters of the alphabet.</param>
    /// <param name="alphabet">The characters, in the order of their pieces.</param>
    /// <param name="prefix">What marks a piece that continues a word.</param>
    /// <param name="minFrequency">How often a pair must occur to be joined.</param>
    public PieceMerger(IReadOnlyList<(string Word, long Count)> words, IEnumerable<string> alphabet, string prefix, int minFrequency)
    {
        _prefix = prefix;
        _minFrequency = minFrequency;
        foreach (string character in alphabet)
            IdOf(character);
        _words = new int[words.Count][];
        _lengths = new int[words.Count];
        _counts = new long[words.Count];
        var symbols = new List<int>();
        for (int i = 0; i < words.Count; i++)
        {
            symbols.Clear();
            foreach (Rune rune in words[i].Word.EnumerateRunes())
                symbols.Add(IdOf(symbols.Count == 0 ? rune.ToString() : string.Concat(prefix, rune.ToString())));
            _words[i] = [.. symbols];
            _lengths[i] = symbols.Count;
            _counts[i] = words[i].Count;
            for (int j = 1; j < symbols.Count; j++)
                Add(Key(symbols[j - 1], symbols[j]), i, _counts[i]);
        }

        AlphabetSize = _pieces.Count;
        EnqueueGrown();
    }

    /// <summary>How many pieces are single characters, at the word's beginning or within it.</summary>
    public int AlphabetSize { get; }

    /// <summary>All pieces so far: the alphabet first, then in the order they were made.</summary>
    public IReadOnlyList<string> Pieces => _pieces;

    /// <summary>Joins the most frequent pair.</summary>
    /// <returns>Whether there was one frequent enough.</returns>
    public bool Merge()
    {
        while (_queue.TryDequeue(out ulong key, out (long Count, ulong Key) priority))
        {
            if (!_pairs.TryGetValue(key, out Pair? pair))
                continue;
            if (pair.Count != -priority.Count)
            {
                // It shrank since it was queued (what grew was queued anew).
                if (pair.Count >= _minFrequency)
                    _queue.Enqueue(key, (-pair.Count, key));
                continue;
            }

            if (pair.Count < _minFrequency)
                return false;
            _pairs.Remove(key);
            int left = (int)(key >> 32);
            int right = (int)(uint)key;
            int joined = IdOf(_pieces[left] + _pieces[right][_prefix.Length..]);
            foreach (int word in pair.Words.Distinct())
                MergeInWord(word, left, right, joined);
            EnqueueGrown();
            return true;
        }

        return false;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private void MergeInWord(int word, int left, int right, int joined)
    {
        int[] symbols = _words[word];
        int length = _lengths[word];
        long count = _counts[word];
        int to = 0;
        for (int from = 0; from < length; from++)
        {
            if (from + 1 >= length || symbols[from] != left || symbols[from + 1] != right)
            {
                symbols[to++] = symbols[from];
                continue;
            }

            if (to > 0)
            {
                Subtract(Key(symbols[to - 1], left), count);
                Add(Key(symbols[to - 1], joined), word, count);
            }

            if (from + 2 < length)
            {
                Subtract(Key(right, symbols[from + 2]), count);
                Add(Key(joined, symbols[from + 2]), word, count);
            }

            symbols[to++] = joined;
            from++;
        }

        _lengths[word] = to;
    }

    private void Add(ulong key, int word, long count)
    {
        ref Pair? pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, key, out _);
        pair ??= new Pair();
        pair.Count += count;
        if (pair.Words.Count == 0 || pair.Words[^1] != word)
            pair.Words.Add(word);
        _grown.Add(key);
    }

    private void Subtract(ulong key, long count)
    {
        if (_pairs.TryGetValue(key, out Pair? pair))
            pair.Count -= count;
    }

    private void EnqueueGrown()
    {
        foreach (ulong key in _grown)
        {
            long count = _pairs[key].Count;
            if (count >= _minFrequency)
                _queue.Enqueue(key, (-count, key));
        }

        _grown.Clear();
    }

    private int IdOf(string piece)
    {
        ref int id = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, piece, out bool exists);
        if (!exists)
        {
            id = _pieces.Count;
            _pieces.Add(piece);
        }

        return id;
    }

    private sealed class Pair
    {
        public long Count { get; set; }

        public List<int> Words { get; } = [];
    }
}
