namespace MlNetBert.Models.Generation;

/// <summary>
/// Keeps the most likely beginnings of a text side by side, and gives the best of those that have ended, as transformers does it: of the
/// continuations of a step that end, those among the best count; a search is over when no beam can become better than the worst result.
/// </summary>
/// <param name="Beams">Beginnings that are kept, at least 2.</param>
internal sealed record BeamSearch(int Beams) : DecodingStrategy
{
    /// <summary>The power of a result's length that its log-probability is divided by: above 0 favors longer ones.</summary>
    public double LengthPenalty { get; init; } = 1;

    /// <summary>Whether a search is over as soon as there are as many results as beams, better ones to come or not.</summary>
    public bool EarlyStopping { get; init; }

    /// <inheritdoc/>
    public override int RowsPerText => Beams;

    /// <inheritdoc/>
    public override IReadOnlyList<TextSearch> Begin(long text, IReadOnlyList<int> prompt, int limit) => [new Search(this, prompt, limit)];

    // The continuations of a step that are looked at: enough for all beams to continue where each ends in every way there is.
    private int Width => Math.Max(2, 1 + EndTokens.Count) * Beams;

    private sealed record Beam(int[] Generated, double Sum);

    private sealed class Search(BeamSearch strategy, IReadOnlyList<int> prompt, int limit) : TextSearch
    {
        private readonly List<GeneratedSequence> _ended = [];
        private IReadOnlyList<Beam> _beams = [new([], 0)];

        public override IReadOnlyList<GeneratedSequence> Results =>
            [.. _ended.Concat(_beams.Select(beam => Result(beam, hasEnded: false))).Take(strategy.Results)];

        private bool IsFull => _ended.Count == strategy.Beams;

        public override void Step(ReadOnlySpan<float> logits)
        {
            var best = BestContinuations(logits);
            var isFull = strategy.EarlyStopping && IsFull;
            var (running, next) = (new List<Beam>(), new List<Continuation>());
            var isLast = false;
            for (var rank = 0; rank < best.Count && running.Count < strategy.Beams; rank++)
            {
                var (continuation, sum) = best[rank];
                var beam = new Beam([.. _beams[continuation.Row].Generated, continuation.Id], sum);
                var hasEnded = strategy.Ends(beam.Generated);
                isLast = beam.Generated.Length >= limit;
                if (!hasEnded && !isLast)
                {
                    running.Add(beam);
                    next.Add(continuation);
                }
                else if (rank < strategy.Beams && !isFull)
                {
                    _ended.Add(Result(beam, hasEnded));
                }
            }

            KeepBest();
            if (best.Count > 0)
                _beams = running;
            Next = isLast || running.Count == 0 || (strategy.EarlyStopping && IsFull) || !CanImprove(running[0]) ? [] : next;
        }

        // The best first; of several with one score the first.
        private List<(Continuation Continuation, double Sum)> BestContinuations(ReadOnlySpan<float> logits)
        {
            var vocabulary = logits.Length / _beams.Count;
            var heap = new PriorityQueue<Continuation, (double Sum, int Place)>(strategy.Width + 1);
            for (var row = 0; row < _beams.Count; row++)
            {
                var scores = Widen(logits.Slice(row * vocabulary, vocabulary));
                var total = Candidates.LogSumExp(scores);
                for (var id = 0; id < scores.Length; id++)
                    scores[id] -= total;
                strategy.Process(scores, [.. prompt, .. _beams[row].Generated]);
                for (var id = 0; id < scores.Length; id++)
                {
                    var priority = (_beams[row].Sum + scores[id], -((row * vocabulary) + id));
                    if (double.IsNegativeInfinity(priority.Item1))
                        continue;
                    if (heap.Count < strategy.Width)
                        heap.Enqueue(new Continuation(row, id), priority);
                    else if (heap.TryPeek(out _, out var least) && priority.CompareTo(least) > 0)
                        heap.EnqueueDequeue(new Continuation(row, id), priority);
                }
            }

            var best = new List<(Continuation Continuation, double Sum)>(heap.Count);
            while (heap.TryDequeue(out var continuation, out var priority))
                best.Add((continuation, priority.Sum));
            best.Reverse();
            return best;
        }

        private GeneratedSequence Result(Beam beam, bool hasEnded) => new(
            beam.Generated,
            beam.Generated.Length == 0 ? 0 : beam.Sum / Math.Pow(beam.Generated.Length, strategy.LengthPenalty),
            hasEnded);

        private void KeepBest()
        {
            var best = _ended.OrderByDescending(result => result.Score).Take(strategy.Beams).ToList();
            _ended.Clear();
            _ended.AddRange(best);
        }

        private bool CanImprove(Beam first) => !IsFull || Result(first, hasEnded: false).Score > _ended[^1].Score;
    }
}
