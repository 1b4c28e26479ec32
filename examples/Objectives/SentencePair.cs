namespace Objectives;

/// <summary>Two sentences, of which the second may follow the first.</summary>
public sealed record SentencePair
{
    /// <summary>The first sentence.</summary>
    public string First { get; init; } = "";

    /// <summary>The second.</summary>
    public string Second { get; init; } = "";

    /// <summary>The probability that the second follows the first, or that they stand in their order.</summary>
    public float Score { get; init; }
}
