namespace MlNetBert;

/// <summary>How <c>SentenceSimilarity</c> fine-tunes a regression on pairs of texts.</summary>
public sealed record SentenceSimilarityOptions : FineTuningOptions
{
    /// <summary>The side at which texts that are too long lose tokens; the longer text of a pair loses them.</summary>
    /// <value>Default <see cref="SequenceSide.Right"/>.</value>
    public SequenceSide TruncationSide { get; init; } = SequenceSide.Right;

    internal override SequenceSide CutSide => TruncationSide;
}
