namespace MlNetBert.Models.Generation;

/// <summary>
/// Makes tokens that the text has already less likely (Keskar et al. 2019, CTRL): positive scores are divided and negative ones multiplied
/// by the penalty, once for a token however often it stands there.
/// </summary>
/// <param name="penalty">The penalty, above 0; 1 changes nothing, below 1 tokens are repeated more often.</param>
internal sealed class RepetitionPenalty(double penalty) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<double> scores, ReadOnlySpan<int> previous)
    {
        var seen = new HashSet<int>();
        foreach (var id in previous)
        {
            if (seen.Add(id))
                scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty;
        }
    }
}
