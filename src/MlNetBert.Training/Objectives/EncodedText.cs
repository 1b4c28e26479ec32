namespace MlNetBert.Training.Objectives;

/// <summary>A text or a pair of texts as a model reads it, special tokens included, not padded.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="TokenTypeIds">What the tokenizer gives each token, as many as ids: as a rule 0 for the first text and 1 for the second;
/// null where all are 0.</param>
[Experimental("MLNETBERT001")]
public sealed record EncodedText(int[] Ids, int[]? TokenTypeIds = null);
