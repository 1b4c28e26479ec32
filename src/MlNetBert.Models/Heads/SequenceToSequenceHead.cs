using MlNetBert.Models.Checkpoints;

namespace MlNetBert.Models.Heads;

/// <summary>What the head of a <see cref="SequenceToSequenceModel"/> is made of.</summary>
/// <param name="Fill">What a matrix of its own starts with, where it is not the word embeddings.</param>
/// <param name="Scale">What hidden states are multiplied by before it.</param>
/// <param name="BiasName">What Hugging Face calls a constant that is added to scores [1, vocabulary]; null for none.</param>
[Experimental("MLNETBERT001")]
public sealed record SequenceToSequenceHead(WeightFill Fill, double Scale = 1, string? BiasName = null);
