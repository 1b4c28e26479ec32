namespace MlNetBert.Models.Generation;

/// <summary>Changes the scores that the next token of one text is chosen by. Immutable and thread-safe; computes in float64.</summary>
internal interface ILogitsProcessor
{
    /// <summary>Changes scores in place.</summary>
    /// <param name="scores">Logits or log-probabilities [vocabulary]; negative infinity is a token that cannot follow.</param>
    /// <param name="previous">The ids of the text so far, prompt included and padding left out.</param>
    void Apply(Span<double> scores, ReadOnlySpan<int> previous);
}
