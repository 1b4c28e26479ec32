namespace MlNetBert.Models.Generation;

/// <summary>
/// Keeps the fewest most likely tokens whose probabilities add up to a mass (nucleus sampling, Holtzman et al. 2019); the most likely one
/// always.
/// </summary>
/// <param name="mass">The mass, above 0 and at most 1.</param>
internal sealed class TopP(double mass) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<double> scores, ReadOnlySpan<int> previous)
    {
        var probabilities = Candidates.Probabilities(scores);
        var ids = Candidates.SortedBy(scores);
        var below = 0.0;
        foreach (var id in ids.AsSpan(..^1))
        {
            below += probabilities[id];
            if (below > 1 - mass)
                return;
            scores[id] = double.NegativeInfinity;
        }
    }
}
