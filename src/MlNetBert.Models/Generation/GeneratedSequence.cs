namespace MlNetBert.Models.Generation;

/// <summary>What was written behind a prompt.</summary>
/// <param name="Ids">The new tokens alone, the one that ended them included.</param>
/// <param name="Score">The log-probability of the tokens in nats, divided by their number to the power of the length penalty: with 1 their
/// mean. 0 where there is no token.</param>
/// <param name="HasEnded">Whether an end token or a stop rule ended it, rather than the limit.</param>
internal sealed record GeneratedSequence(IReadOnlyList<int> Ids, double Score, bool HasEnded);
