using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// One term of an objective's loss: a sum over its own targets. The loss of a step is the sum of the terms' means by weight.
/// </summary>
/// <param name="Name">Tells it from the objective's other terms.</param>
/// <param name="Sum">The SUM over the batch's targets of this term, a float32 scalar with a gradient.</param>
/// <param name="Weight">A factor on the term's mean.</param>
[Experimental("MLNETBERT001")]
public sealed record LossTerm(string Name, Tensor Sum, double Weight = 1);
