namespace MlNetBert.FillMask;

/// <summary>A candidate for a mask.</summary>
/// <param name="TokenId">Its id.</param>
/// <param name="Score">Its probability: the softmax over the whole vocabulary.</param>
[Experimental("MLNETBERT001")]
public readonly record struct MaskCandidate(int TokenId, float Score);
