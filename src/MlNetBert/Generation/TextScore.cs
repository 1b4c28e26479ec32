namespace MlNetBert.Generation;

/// <summary>How likely a text is to a causal language model.</summary>
/// <param name="Mean">The mean log-probability of its tokens in nats, each given those before it; NaN where there is none to predict, of a
/// text of one token.</param>
/// <param name="IsTruncated">Whether it had more tokens than the model has positions and only its first were scored.</param>
internal readonly record struct TextScore(double Mean, bool IsTruncated)
{
    /// <summary>exp of the negative mean: how many tokens the model was undecided among.</summary>
    public double Perplexity => Math.Exp(-Mean);
}
