namespace MlNetBert;

/// <summary>How <c>SentenceSimilarity</c> fine-tunes a regression on pairs of texts.</summary>
public sealed record SentenceSimilarityOptions : FineTuningOptions;
