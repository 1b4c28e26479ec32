namespace MlNetBert.Models.Generation;

/// <summary>One token after the other: drawn from its probabilities, or the most likely one.</summary>
/// <param name="Draw">Gives the random numbers; null takes the most likely token (greedy).</param>
internal sealed record Sampling(UniformDraw? Draw = null) : DecodingStrategy
{
    /// <inheritdoc/>
    public override int RowsPerText => Results;

    /// <inheritdoc/>
    public override IReadOnlyList<TextSearch> Begin(long text, IReadOnlyList<int> prompt, int limit) =>
        [.. Enumerable.Range(0, Results).Select(result => new Search(this, (text * Results) + result, prompt, limit))];

    private sealed class Search(Sampling strategy, long row, IReadOnlyList<int> prompt, int limit) : TextSearch
    {
        private readonly List<int> _tokens = [.. prompt];
        private double _sum;
        private bool _hasEnded;

        public override IReadOnlyList<GeneratedSequence> Results =>
            [new([.. Generated], Generated.IsEmpty ? 0 : _sum / Generated.Length, _hasEnded)];

        private ReadOnlySpan<int> Generated => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tokens)[prompt.Count..];

        public override void Step(ReadOnlySpan<float> logits)
        {
            var scores = Widen(logits);
            var total = Candidates.LogSumExp(scores);
            strategy.Process(scores, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tokens));
            var id = Candidates.Best(scores);
            if (double.IsNegativeInfinity(scores[id]))
            {
                Next = []; // every token is forbidden
                return;
            }

            if (strategy.Draw is { } draw)
                id = Candidates.At(scores, draw(row, Generated.Length));
            _tokens.Add(id);
            _sum += logits[id] - total;
            _hasEnded = strategy.Ends(Generated);
            Next = _hasEnded || Generated.Length >= limit ? [] : [new(0, id)];
        }
    }
}
