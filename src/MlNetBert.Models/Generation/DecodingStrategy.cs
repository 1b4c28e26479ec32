namespace MlNetBert.Models.Generation;

/// <summary>How the next tokens of a text are chosen. Immutable and thread-safe.</summary>
internal abstract record DecodingStrategy
{
    /// <summary>What changes the scores before one is chosen, in this order.</summary>
    public IReadOnlyList<ILogitsProcessor> Processors { get; init; } = [];

    /// <summary>The tokens that end a text.</summary>
    public IReadOnlySet<int> EndTokens { get; init; } = new HashSet<int>();

    /// <summary>What else ends a text; null for nothing.</summary>
    public StopRule? Stops { get; init; }

    /// <summary>Results of a text.</summary>
    public int Results { get; init; } = 1;

    /// <summary>The most rows that a text takes in a batch.</summary>
    public abstract int RowsPerText { get; }

    /// <summary>Begins the searches of a text; each takes a row of the batch at first.</summary>
    /// <param name="text">The number of the text among all of a call, from 0.</param>
    /// <param name="prompt">The tokens that it begins with, which processors count; padding left out.</param>
    /// <param name="limit">The most tokens to write, at least 1.</param>
    public abstract IReadOnlyList<TextSearch> Begin(long text, IReadOnlyList<int> prompt, int limit);

    /// <summary>Whether a text ends behind its last token.</summary>
    internal bool Ends(ReadOnlySpan<int> generated) => EndTokens.Contains(generated[^1]) || Stops?.Invoke(generated) == true;

    /// <summary>Changes the scores of what may follow a text.</summary>
    internal void Process(Span<double> scores, ReadOnlySpan<int> previous)
    {
        foreach (var processor in Processors)
            processor.Apply(scores, previous);
    }
}
