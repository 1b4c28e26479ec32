namespace MlNetBert.Models;

/// <summary>The ids of special tokens that a configuration records; null for one that the tokenizer does not have.</summary>
/// <param name="Padding">The id of the padding token.</param>
/// <param name="Classification">The id of the token that a text begins with.</param>
/// <param name="Separator">The id of the token that a text ends with.</param>
[Experimental("MLNETBERT001")]
public sealed record ModelTokenIds(int? Padding, int? Classification, int? Separator);
