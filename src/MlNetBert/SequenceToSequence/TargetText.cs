namespace MlNetBert.SequenceToSequence;

/// <summary>The text that a source is answered with.</summary>
/// <param name="Prompt">How many of the example's tokens, its first, are the source; behind them a causal model's have the target.</param>
/// <param name="Ids">The target's tokens, the one that ends it included.</param>
/// <param name="Text">The target.</param>
internal sealed record TargetText(int Prompt, int[] Ids, string Text);
