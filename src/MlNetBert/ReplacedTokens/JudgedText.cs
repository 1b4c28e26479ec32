namespace MlNetBert.ReplacedTokens;

/// <summary>The tokens of a text, each with the probability that it was replaced.</summary>
/// <param name="TokenIds">The ids, without special tokens.</param>
/// <param name="Scores">The probabilities, as many.</param>
internal sealed record JudgedText(int[] TokenIds, float[] Scores);
