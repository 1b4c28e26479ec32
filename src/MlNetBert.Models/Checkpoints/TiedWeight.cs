namespace MlNetBert.Models.Checkpoints;

/// <summary>A weight that is another one.</summary>
/// <param name="Name">Its name in a file.</param>
/// <param name="To">The weight of the model that it is.</param>
/// <param name="IsOfModel">Whether the model has the part that uses it, such as a decoder tied to the embeddings; to another model it is a
/// tensor without a place where the file holds <paramref name="To"/> as well.</param>
[Experimental("MLNETBERT001")]
public sealed record TiedWeight(string Name, string To, bool IsOfModel);
