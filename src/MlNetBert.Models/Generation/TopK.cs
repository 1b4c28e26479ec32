namespace MlNetBert.Models.Generation;

/// <summary>Keeps the most likely tokens (Fan et al. 2018), and those that are as likely as the last of them.</summary>
/// <param name="count">How many, at least 1.</param>
internal sealed class TopK(int count) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<double> scores, ReadOnlySpan<int> previous)
    {
        if (count >= scores.Length)
            return;
        var sorted = scores.ToArray();
        Array.Sort(sorted);
        Candidates.Forbid(scores, below: sorted[^count]);
    }
}
