using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>Padded texts as tensors, in the dispose scope they were made in.</summary>
/// <param name="InputIds">[batch, sequence], int64.</param>
/// <param name="AttentionMask">[batch, sequence], int64, 0 = padding; null where nothing is padded.</param>
/// <param name="TokenTypeIds">[batch, sequence], int64; null where all are 0.</param>
[Experimental("MLNETBERT001")]
public sealed record SequenceInputs(Tensor InputIds, Tensor? AttentionMask, Tensor? TokenTypeIds);
