namespace MlNetBert.TextScores;

/// <summary>BLEU of a corpus.</summary>
/// <param name="Value">The score, 0 to 100.</param>
/// <param name="Precisions">The precision of the n-grams of each order from 1, 0 to 100.</param>
/// <param name="BrevityPenalty">The factor for texts that are too short, 0 to 1.</param>
internal sealed record BleuScore(double Value, IReadOnlyList<double> Precisions, double BrevityPenalty);
