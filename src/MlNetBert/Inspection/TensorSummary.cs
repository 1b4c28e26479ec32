namespace MlNetBert.Inspection;

/// <summary>A tensor of a checkpoint.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Dtype">Its type as the file names it, such as F32.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record TensorSummary(string Name, string Dtype, IReadOnlyList<long> Shape);
