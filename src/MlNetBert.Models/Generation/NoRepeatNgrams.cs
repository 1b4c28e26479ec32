namespace MlNetBert.Models.Generation;

/// <summary>Forbids a token that would end a run of tokens which the text has already (Paulus et al. 2017).</summary>
/// <param name="length">Tokens of a run, at least 1.</param>
internal sealed class NoRepeatNgrams(int length) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<double> scores, ReadOnlySpan<int> previous)
    {
        if (previous.Length < length)
            return;
        var last = previous[(previous.Length - length + 1)..];
        for (var start = 0; start + length <= previous.Length; start++)
        {
            if (previous.Slice(start, length - 1).SequenceEqual(last))
                scores[previous[start + length - 1]] = double.NegativeInfinity;
        }
    }
}
