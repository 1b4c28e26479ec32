namespace MlNetBert.Models.Generation;

/// <summary>Divides scores: below 1 likely tokens become likelier, above 1 all become more alike.</summary>
/// <param name="temperature">The divisor, above 0.</param>
internal sealed class Temperature(double temperature) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<double> scores, ReadOnlySpan<int> previous)
    {
        for (var i = 0; i < scores.Length; i++)
            scores[i] /= temperature;
    }
}
