using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers.Models.Unigram;

/// <summary>All ways to spell words with pieces: the most likely one, and how often each piece is expected. Not thread-safe.</summary>
internal sealed class PieceLattice(PieceTrie trie, double[] scores)
{
    /// <summary>What is less likely by so much (in nats) does not change a sum.</summary>
    private const double Negligible = 50;

    private readonly List<Edge> _edges = [];
    private readonly List<int> _spelling = [];
    private double[] _forward = [];
    private double[] _backward = [];
    private int[] _best = [];

    /// <summary>Adds how often each piece is expected in a word, over all its spellings (the E step).</summary>
    /// <param name="word">The word.</param>
    /// <param name="add">Takes a piece and its expected number, 0 to as often as it fits.</param>
    public void Expect(string word, Action<int, double> add)
    {
        int length = word.Length;
        Read(word);
        Array.Fill(_forward, double.NegativeInfinity, 0, length + 1);
        Array.Fill(_backward, double.NegativeInfinity, 0, length + 1);
        _forward[0] = 0;
        _backward[length] = 0;
        foreach (ref readonly Edge edge in CollectionsMarshal.AsSpan(_edges))
            _forward[edge.End] = Sum(_forward[edge.End], _forward[edge.Start] + scores[edge.Piece]);
        for (int i = _edges.Count - 1; i >= 0; i--)
        {
            Edge edge = _edges[i];
            _backward[edge.Start] = Sum(_backward[edge.Start], _backward[edge.End] + scores[edge.Piece]);
        }

        double all = _forward[length];
        foreach (ref readonly Edge edge in CollectionsMarshal.AsSpan(_edges))
        {
            double share = _forward[edge.Start] + scores[edge.Piece] + _backward[edge.End] - all;
            if (share > -Negligible)
                add(edge.Piece, Math.Exp(share));
        }
    }

    /// <summary>Spells a word as is most likely.</summary>
    /// <param name="word">The word; it can be spelled.</param>
    /// <param name="without">A piece not to use; -1 for none.</param>
    /// <returns>The pieces, the last one first; they stay until the next call.</returns>
    public IReadOnlyList<int> Spell(string word, int without = -1)
    {
        Read(word);
        Array.Fill(_forward, double.NegativeInfinity, 0, word.Length + 1);
        _forward[0] = 0;
        for (int i = 0; i < _edges.Count; i++)
        {
            Edge edge = _edges[i];
            double score = _forward[edge.Start] + scores[edge.Piece];
            if (edge.Piece == without || score <= _forward[edge.End])
                continue;
            _forward[edge.End] = score;
            _best[edge.End] = i;
        }

        _spelling.Clear();
        for (int at = word.Length; at > 0; at = _edges[_best[at]].Start)
            _spelling.Add(_edges[_best[at]].Piece);
        return _spelling;
    }

    /// <summary>Finds the pieces that stand in a word, by where they begin.</summary>
    private void Read(string word)
    {
        _edges.Clear();
        if (_forward.Length <= word.Length)
        {
            int size = (word.Length * 2) + 1;
            (_forward, _backward, _best) = (new double[size], new double[size], new int[size]);
        }

        for (int start = 0; start < word.Length; start++)
        {
            int node = PieceTrie.Root;
            for (int end = start; end < word.Length && trie.TryStep(ref node, word[end]); end++)
            {
                if (trie.ValueOf(node) is var piece and not PieceTrie.None)
                    _edges.Add(new Edge(start, end + 1, piece));
            }
        }
    }

    private static double Sum(double left, double right)
    {
        if (double.IsNegativeInfinity(left))
            return right;
        (double more, double less) = left > right ? (left, right) : (right, left);
        return less < more - Negligible ? more : more + Math.Log(1 + Math.Exp(less - more));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Edge(int Start, int End, int Piece);
}
