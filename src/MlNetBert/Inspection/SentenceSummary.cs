namespace MlNetBert.Inspection;

/// <summary>How a sentence-transformers directory wants its vectors made.</summary>
/// <param name="Pooling">How token vectors become one; several are put together.</param>
/// <param name="Normalize">Whether vectors are scaled to length 1.</param>
/// <param name="MaxLength">Tokens that are read, special tokens included.</param>
internal sealed record SentenceSummary(string Pooling, bool Normalize, int MaxLength)
{
    /// <summary>Values of a vector.</summary>
    public int Dimension { get; init; }

    /// <summary>What can be put before a text, by name.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The name of the prompt that is taken unless another is asked for; null for none.</summary>
    public string? DefaultPrompt { get; init; }
}
