namespace Quickstart;

/// <summary>What the run came to: printed as JSON where the command line asks for it.</summary>
/// <param name="Sentences">Sentences of the corpus.</param>
/// <param name="PerplexityBefore">Perplexity on the held-out sentences before the first step.</param>
/// <param name="PerplexityAfter">The same after the last.</param>
/// <param name="TrainingSeconds">Time from the first step to the last, evaluations included.</param>
/// <param name="Answers">The six sentences filled.</param>
public sealed record Outcome(int Sentences, double PerplexityBefore, double PerplexityAfter, double TrainingSeconds, IReadOnlyList<Answer> Answers);
