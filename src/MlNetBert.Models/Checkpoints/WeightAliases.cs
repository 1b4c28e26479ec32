namespace MlNetBert.Models.Checkpoints;

/// <summary>What a model's table of names says beside the names themselves.</summary>
/// <param name="Prefix">What stands before an encoder's names inside a model with a head (<c>bert.</c>).</param>
/// <param name="Others">Other names of a weight: the name, then the weight it is.</param>
/// <param name="Ignored">Ends of names that hold constants the model computes itself.</param>
/// <param name="TiedDecoder">The decoder weight that a file may hold beside the embeddings it equals, or instead of them; null where the
/// decoder is a weight of its own.</param>
/// <param name="TiedTo">The embeddings that the decoder is tied to.</param>
/// <param name="HasDecoder">Whether the model decodes: to another one a decoder beside the embeddings is a tensor that it has no place
/// for.</param>
/// <param name="Outputs">Beginnings of the names of weights whose rows stand for labels: the last layer of a classifier.</param>
internal sealed record WeightAliases(
    string Prefix,
    IReadOnlyDictionary<string, string> Others,
    IReadOnlyList<string> Ignored,
    string? TiedDecoder = null,
    string? TiedTo = null,
    bool HasDecoder = false,
    IReadOnlyList<string>? Outputs = null);
