namespace MlNetBert.Models;

/// <summary>The ids of special tokens that a configuration records.</summary>
/// <param name="Padding">The id of <c>[PAD]</c>.</param>
/// <param name="Classification">The id of <c>[CLS]</c>.</param>
/// <param name="Separator">The id of <c>[SEP]</c>.</param>
[Experimental("MLNETBERT001")]
public sealed record ModelTokenIds(int Padding, int Classification, int Separator);
