using System.Runtime.InteropServices;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>
/// Joins, again and again, the two neighboring pieces that occur most often together (byte-pair encoding on code points, Sennrich et al.
/// 2016). Ties are settled by the order in which the pieces were made, so the result is one and the same always. A join costs as much as
/// it has places, however long the words are.
/// </summary>
internal sealed class PieceMerger
{
    private const int None = -1;

    private readonly string _prefix;
    private readonly int _minFrequency;
    private readonly List<string> _pieces = [];
    private readonly List<PieceJoin> _joins = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    // The words, one behind the other: a piece, its neighbors and its word for each place. A piece that was joined to the one before it
    // leaves its place empty.
    private readonly int[] _symbols;
    private readonly int[] _previous;
    private readonly int[] _next;
    private readonly int[] _words;
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
        int places = checked(words.Sum(entry => entry.Word.Length));
        (_symbols, _previous, _next, _words) = (new int[places], new int[places], new int[places], new int[places]);
        _counts = new long[words.Count];
        int place = 0;
        for (int i = 0; i < words.Count; i++)
        {
            _counts[i] = words[i].Count;
            int first = place;
            foreach (Rune rune in words[i].Word.EnumerateRunes())
            {
                bool begins = place == first;
                _symbols[place] = IdOf(begins ? rune.ToString() : string.Concat(prefix, rune.ToString()));
                _words[place] = i;
                _next[place] = None;
                _previous[place] = begins ? None : place - 1;
                if (!begins)
                {
                    _next[place - 1] = place;
                    Add(place - 1);
                }

                place++;
            }
        }

        AlphabetSize = _pieces.Count;
        EnqueueGrown();
    }

    /// <summary>How many pieces are single characters, at the word's beginning or within it.</summary>
    public int AlphabetSize { get; }

    /// <summary>All pieces so far: the alphabet first, then in the order they were made.</summary>
    public IReadOnlyList<string> Pieces => _pieces;

    /// <summary>What was joined so far, in this order; different pairs may make the same piece.</summary>
    public IReadOnlyList<PieceJoin> Joins => _joins;

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
            _joins.Add(new PieceJoin(left, right, joined, pair.Count));
            // From the left: "aaa" is "aa" and "a".
            pair.Places.Sort();
            foreach (int place in pair.Places)
                Join(place, left, right, joined);
            EnqueueGrown();
            return true;
        }

        return false;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>Joins the piece at a place with the one behind it, where they are the pair still.</summary>
    private void Join(int place, int left, int right, int joined)
    {
        int taken = _next[place];
        if (_symbols[place] != left || taken == None || _symbols[taken] != right)
            return;
        long count = _counts[_words[place]];
        int before = _previous[place];
        int behind = _next[taken];
        if (before != None)
            Subtract(Key(_symbols[before], left), count);
        if (behind != None)
            Subtract(Key(right, _symbols[behind]), count);
        _symbols[place] = joined;
        _symbols[taken] = None;
        _next[place] = behind;
        if (before != None)
            Add(before);
        if (behind != None)
        {
            _previous[behind] = place;
            Add(place);
        }
    }

    private void Add(int place)
    {
        ulong key = Key(_symbols[place], _symbols[_next[place]]);
        ref Pair? pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, key, out _);
        pair ??= new Pair();
        pair.Count += _counts[_words[place]];
        pair.Places.Add(place);
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

        public List<int> Places { get; } = [];
    }
}
