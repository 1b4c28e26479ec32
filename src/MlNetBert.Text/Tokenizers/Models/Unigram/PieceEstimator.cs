namespace MlNetBert.Text.Tokenizers.Models.Unigram;

/// <summary>
/// The probabilities of pieces, by expectation and maximization over the words, and which pieces are needed least (Kudo 2018). Counts are
/// added as whole numbers of small parts, so that their sums are the same in whatever order threads add them.
/// </summary>
internal sealed class PieceEstimator
{
    /// <summary>A count of one, in the parts that counts are added in.</summary>
    private const double Parts = 1 << 16;

    /// <summary>A piece that is expected less often is dropped.</summary>
    private const double LeastExpected = 0.5;

    private readonly IReadOnlyList<(string Word, long Count)> _words;
    private readonly int _characters;
    private readonly ParallelOptions _parallel;
    private string[] _pieces;
    private double[] _scores;

    /// <summary>Begins with how often the pieces occur.</summary>
    /// <param name="words">The words; each can be spelled with characters alone.</param>
    /// <param name="characters">The single characters, which are always kept, with how often each occurs.</param>
    /// <param name="seeds">The other pieces.</param>
    /// <param name="parallel">How many threads there are, and what stops them.</param>
    public PieceEstimator(
        IReadOnlyList<(string Word, long Count)> words, IReadOnlyList<(string Piece, long Count)> characters,
        IReadOnlyList<(string Piece, long Count)> seeds, ParallelOptions parallel)
    {
        _words = words;
        _characters = characters.Count;
        _parallel = parallel;
        (string Piece, long Count)[] all = [.. characters, .. seeds];
        double sum = all.Sum(entry => (double)entry.Count);
        _pieces = [.. all.Select(entry => entry.Piece)];
        _scores = [.. all.Select(entry => Math.Log(Math.Max(entry.Count, LeastExpected) / sum))];
    }

    /// <summary>How many pieces there are.</summary>
    public int Count => _pieces.Length;

    /// <summary>The pieces with the logarithms of their probabilities.</summary>
    public IEnumerable<(string Piece, double Score)> Pieces => _pieces.Zip(_scores);

    /// <summary>One step of expectation and maximization; pieces that are hardly expected are dropped.</summary>
    /// <param name="least">How many pieces are kept at least.</param>
    public void Estimate(int least)
    {
        long[] counts = CountAll((lattice, word, count, own) =>
            lattice.Expect(word, (piece, expected) => own[piece] += (long)Math.Round(expected * count * Parts)));
        double[] expected = [.. counts.Select(count => Math.Max(count / Parts, LeastExpected))];
        int[] kept = [.. Enumerable.Range(0, Count).Where(piece => piece < _characters || counts[piece] >= LeastExpected * Parts)];
        // In texts without words, such as DNA, long pieces that take all from the short ones are as many as none of them is needed by
        // itself: no more than half is dropped at once.
        least = Math.Min(Math.Max(least, Count / 2), Count);
        if (kept.Length < least)
            kept = Best(least, piece => counts[piece]);

        // The mean of the logarithm of a probability under a Dirichlet distribution: rare pieces weigh less than they are counted.
        double all = Digamma(kept.Sum(piece => expected[piece]));
        for (int piece = 0; piece < Count; piece++)
            _scores[piece] = Digamma(expected[piece]) - all;
        Keep(kept);
    }

    /// <summary>Drops the pieces without which the texts would lose least of their likelihood.</summary>
    /// <param name="size">How many are kept, the single characters among them.</param>
    public void Prune(int size)
    {
        var trie = Trie();
        long[] uses = CountAll(
            (lattice, word, count, own) =>
            {
                foreach (int piece in lattice.Spell(word))
                    own[piece] += count;
            },
            trie);
        double all = uses.Sum();
        double[] losses = new double[Count];
        Parallel.For(_characters, Count, _parallel, () => new PieceLattice(trie, _scores), (piece, _, lattice) =>
        {
            losses[piece] = Loss(piece, uses, all, lattice);
            return lattice;
        }, _ => { });
        Keep(Best(size, piece => losses[piece]));
    }

    private double Loss(int piece, long[] uses, double all, PieceLattice lattice)
    {
        double own = uses[piece];
        if (own == 0)
            return -1;
        IReadOnlyList<int> instead = lattice.Spell(_pieces[piece], piece);
        double allInstead = Math.Log(all + (own * (instead.Count - 1)));
        double loss = Math.Log(own) - Math.Log(all);
        foreach (int part in instead)
            loss -= Math.Log(uses[part] + own) - allInstead;
        return own * loss;
    }

    /// <summary>The single characters and the best others, in their order.</summary>
    private int[] Best<TWorth>(int size, Func<int, TWorth> worth) =>
    [
        .. Enumerable.Range(0, _characters)
            .Concat(Enumerable.Range(_characters, Count - _characters).OrderByDescending(worth).Take(size - _characters)).Order(),
    ];

    private PieceTrie Trie() => new([.. _pieces.Select(KeyValuePair.Create<string, int>)]);

    private void Keep(int[] kept)
    {
        _pieces = [.. kept.Select(piece => _pieces[piece])];
        _scores = [.. kept.Select(piece => _scores[piece])];
    }

    private long[] CountAll(Action<PieceLattice, string, long, long[]> count, PieceTrie? trie = null)
    {
        trie ??= Trie();
        long[] sum = new long[Count];
        Parallel.For(
            0,
            _words.Count,
            _parallel,
            () => (Lattice: new PieceLattice(trie, _scores), Own: new long[sum.Length]),
            (i, _, state) =>
            {
                count(state.Lattice, _words[i].Word, _words[i].Count, state.Own);
                return state;
            },
            state =>
            {
                lock (sum)
                {
                    for (int piece = 0; piece < sum.Length; piece++)
                        sum[piece] += state.Own[piece];
                }
            });
        return sum;
    }

    /// <summary>The digamma function of a positive number: the recurrence up to 7, then the asymptotic series.</summary>
    private static double Digamma(double value)
    {
        double result = 0;
        for (; value < 7; value++)
            result -= 1 / value;
        double inverse = 1 / (value * value);
        return result + Math.Log(value) - (0.5 / value) - (inverse * ((1.0 / 12) - (inverse * ((1.0 / 120) - (inverse / 252)))));
    }
}
