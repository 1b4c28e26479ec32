namespace MlNetBert.Models.Heads;

/// <summary>What Hugging Face calls a head of pretraining over pairs of texts, and what goes with it in references.</summary>
/// <param name="Weight">The linear layer.</param>
/// <param name="Labels">The labels among the inputs.</param>
/// <param name="Logits">The scores among the outputs.</param>
internal sealed record PairHeadNames(string Weight, string Labels, string Logits);
