using static TorchSharp.torch;

namespace MlNetBert.Models.DebertaV2;

/// <summary>What all layers of a pass know of distances.</summary>
/// <param name="Table">The rows that the sequence looks up [rows, hidden], float32.</param>
/// <param name="Rows">The row of each query and key [sequence, sequence], int64.</param>
internal sealed record Distances(Tensor Table, Tensor Rows);
