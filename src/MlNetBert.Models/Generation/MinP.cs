namespace MlNetBert.Models.Generation;

/// <summary>Keeps tokens whose probability is at least a fraction of the most likely one's (Nguyen et al. 2024).</summary>
/// <param name="fraction">The fraction, above 0 and at most 1.</param>
internal sealed class MinP(double fraction) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<double> scores, ReadOnlySpan<int> previous)
    {
        var probabilities = Candidates.Probabilities(scores);
        var least = probabilities.Max() * fraction;
        for (var id = 0; id < scores.Length; id++)
        {
            if (probabilities[id] < least)
                scores[id] = double.NegativeInfinity;
        }
    }
}
