namespace MlNetBert.Models.Generation;

/// <summary>
/// Keeps the tokens whose information is nearest to the one that is expected, until their probabilities add up to a mass (locally typical
/// sampling, Meister et al. 2022).
/// </summary>
/// <param name="mass">The mass, above 0 and at most 1.</param>
internal sealed class TypicalP(double mass) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<double> scores, ReadOnlySpan<int> previous)
    {
        var probabilities = Candidates.Probabilities(scores);
        var total = Candidates.LogSumExp(scores);
        var entropy = 0.0;
        for (var id = 0; id < scores.Length; id++)
        {
            if (probabilities[id] > 0)
                entropy -= probabilities[id] * (scores[id] - total);
        }

        var distances = new double[scores.Length];                                           // from the expected information
        for (var id = 0; id < distances.Length; id++)
            distances[id] = Math.Abs(total - scores[id] - entropy);
        var ids = Candidates.SortedBy(distances);
        var (last, kept) = (0, probabilities[ids[0]]);
        while (kept < mass && last < ids.Length - 1)
            kept += probabilities[ids[++last]];
        foreach (var id in ids)
        {
            if (distances[id] > distances[ids[last]])
                scores[id] = double.NegativeInfinity;
        }
    }
}
