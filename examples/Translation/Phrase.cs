namespace Translation;

/// <summary>A phrase in two languages.</summary>
public sealed record Phrase
{
    /// <summary>The English phrase.</summary>
    public string English { get; init; } = "";

    /// <summary>The Portuguese phrase.</summary>
    public string Portuguese { get; init; } = "";
}
