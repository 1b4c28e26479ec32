using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Runs one layer of an encoder: [batch, sequence, hidden] → [batch, sequence, hidden], or of an unpadded pass [tokens, hidden] → [tokens,
/// hidden].
/// </summary>
/// <param name="index">The layer, from 0.</param>
/// <param name="hidden">Its input; left as it is.</param>
/// <param name="pass">The pass.</param>
[Experimental("MLNETBERT001")]
public delegate Tensor LayerFunction(int index, Tensor hidden, ForwardPass pass);
