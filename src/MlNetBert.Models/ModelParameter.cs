using TorchSharp.Modules;

namespace MlNetBert.Models;

/// <summary>A parameter as an optimizer sees it.</summary>
/// <param name="Name">A name that is unique in the model and stays the same from run to run. Fused weights are one parameter, so it is not
/// always a name of Hugging Face's.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Decays">Weight decay applies: a matrix, not a bias and not the scale of a norm.</param>
/// <param name="Level">How deep it is: 0 for the embeddings, n for the n-th layer from below, and one more than the last layer for what
/// stands above them.</param>
/// <param name="LevelsAbove">How many levels of its model are above it.</param>
[Experimental("MLNETBERT001")]
public sealed record ModelParameter(string Name, Parameter Parameter, bool Decays, int Level = 0, int LevelsAbove = 0);
