namespace MlNetBert.Models.Generation;

/// <summary>Lets only some tokens follow a text of one length: BART's summaries begin and end with tokens of their own.</summary>
/// <param name="length">Tokens of the text, prompt included.</param>
/// <param name="ids">The tokens, at least one.</param>
internal sealed class ForcedTokens(int length, IReadOnlyList<int> ids) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Apply(Span<double> scores, ReadOnlySpan<int> previous)
    {
        if (previous.Length != length)
            return;
        scores.Fill(double.NegativeInfinity);
        foreach (var id in ids)
            scores[id] = 0;
    }
}
