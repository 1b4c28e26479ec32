namespace MlNetBert.Text.Tokenizers;

/// <summary>One text or two with the special tokens around them, as <see cref="SpecialTokenTemplate"/> puts them.</summary>
/// <param name="Ids">The ids of all tokens, [sequence].</param>
/// <param name="TypeIds">Their token types, [sequence].</param>
/// <param name="FirstStart">Where the first text begins among them.</param>
/// <param name="SecondStart">Where the second text begins; null where there is none.</param>
[Experimental("MLNETBERT001")]
public sealed record TemplatedTokens(int[] Ids, int[] TypeIds, int FirstStart, int? SecondStart);
