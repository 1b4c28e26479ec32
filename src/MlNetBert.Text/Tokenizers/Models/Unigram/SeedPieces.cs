using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Models.Unigram;

/// <summary>
/// The pieces that learning begins with: parts of words that occur often enough, found by a suffix array over the distinct words
/// (Kudo 2018). Suffixes are compared by as much as a piece may be long, so that texts which repeat themselves are sorted as fast as
/// others.
/// </summary>
internal sealed class SeedPieces
{
    private readonly char[] _text;
    private readonly int[] _words;
    private readonly int[] _ends;
    private readonly long[] _counts;
    private readonly int _longest;

    /// <summary>Lays out the words.</summary>
    /// <param name="words">The words, each with how often it occurs.</param>
    /// <param name="longest">How long a piece may be, in UTF-16 units.</param>
    public SeedPieces(IReadOnlyList<(string Word, long Count)> words, int longest)
    {
        _longest = longest;
        _text = new char[checked(words.Sum(entry => entry.Word.Length))];
        _words = new int[_text.Length];
        _ends = new int[words.Count];
        _counts = [.. words.Select(entry => entry.Count)];
        int place = 0;
        for (int i = 0; i < words.Count; i++)
        {
            words[i].Word.CopyTo(_text.AsSpan(place));
            _words.AsSpan(place, words[i].Word.Length).Fill(i);
            _ends[i] = place += words[i].Word.Length;
        }
    }

    /// <summary>Finds the pieces that would spell most characters. Parts that always stand in the same longer one are left out.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="least">How often one must occur.</param>
    /// <param name="threads">How many threads sort.</param>
    /// <returns>The pieces with how often they occur, those that spell most first, equals by their characters' numbers.</returns>
    public List<(string Piece, long Count)> Find(int most, long least, int threads)
    {
        int[] suffixes = Sort(threads);
        var found = new PriorityQueue<Seed, Seed>(Comparer<Seed>.Create((left, right) => Compare(right, left)));

        // Intervals of suffixes that begin alike, each inside the one before it (Abouelhoda et al. 2004).
        var open = new Stack<(int Length, long Count)>();
        for (int i = 0; i < suffixes.Length; i++)
        {
            Open(Text(suffixes[i]).Length, _counts[_words[suffixes[i]]]);
            int common = i + 1 < suffixes.Length ? Text(suffixes[i]).CommonPrefixLength(Text(suffixes[i + 1])) : 0;
            long count = 0;
            while (open.TryPeek(out (int Length, long Count) last) && last.Length > common)
            {
                open.Pop();
                count += last.Count;
                Take(new Seed(suffixes[i], last.Length, count));
            }

            if (common > 0)
                Open(common, count);
        }

        var pieces = new List<(string Piece, long Count)>(found.Count);
        while (found.TryDequeue(out Seed seed, out _))
            pieces.Add((new string(_text, seed.Start, seed.Length), seed.Count));
        pieces.Reverse();
        return pieces;

        void Open(int length, long count)
        {
            if (open.TryPeek(out (int Length, long Count) last) && last.Length == length)
                count += open.Pop().Count;
            open.Push((length, count));
        }

        void Take(Seed seed)
        {
            if (seed.Count < least || !IsPiece(Text(seed)))
                return;
            if (found.Count < most)
                found.Enqueue(seed, seed);
            else if (Compare(seed, found.Peek()) < 0)
                found.EnqueueDequeue(seed, seed);
        }
    }

    /// <summary>Whether a part of a word is longer than a character and cuts none in two.</summary>
    private static bool IsPiece(ReadOnlySpan<char> text) =>
        text.Length > (char.IsHighSurrogate(text[0]) ? 2 : 1) && !char.IsLowSurrogate(text[0]) && !char.IsHighSurrogate(text[^1]);

    /// <summary>Those that spell most first; then by their characters.</summary>
    private int Compare(Seed left, Seed right)
    {
        int bySpelled = (right.Count * right.Length).CompareTo(left.Count * left.Length);
        return bySpelled != 0 ? bySpelled : Text(left).SequenceCompareTo(Text(right));
    }

    /// <summary>The places of the text in the order of what stands there. Those that begin alike are sorted by one thread.</summary>
    private int[] Sort(int threads)
    {
        int[] suffixes = new int[_text.Length];
        uint[] beginnings = new uint[_text.Length];
        for (int i = 0; i < suffixes.Length; i++)
        {
            suffixes[i] = i;
            beginnings[i] = ((uint)_text[i] << 16) | (i + 1 < _ends[_words[i]] ? _text[i + 1] : '\0');
        }

        Array.Sort(beginnings, suffixes);
        var ranges = new List<(int From, int To)>();
        for (int from = 0, to; from < suffixes.Length; from = to)
        {
            for (to = from + 1; to < suffixes.Length && beginnings[to] == beginnings[from];)
                to++;
            ranges.Add((from, to));
        }

        Parallel.ForEach(
            ranges,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            range => suffixes.AsSpan(range.From, range.To - range.From).Sort((left, right) =>
            {
                int byText = Text(left).SequenceCompareTo(Text(right));
                return byText != 0 ? byText : left.CompareTo(right);
            }));
        return suffixes;
    }

    /// <summary>What stands at a place, to the end of its word or as far as a piece may go.</summary>
    private ReadOnlySpan<char> Text(int place) => _text.AsSpan(place, Math.Min(_longest, _ends[_words[place]] - place));

    private ReadOnlySpan<char> Text(Seed seed) => _text.AsSpan(seed.Start, seed.Length);

    /// <summary>A piece as a place in the text.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Seed(int Start, int Length, long Count);
}
