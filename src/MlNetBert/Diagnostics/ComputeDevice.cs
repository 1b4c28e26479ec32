namespace MlNetBert.Diagnostics;

/// <summary>A device that can compute.</summary>
/// <param name="Name">As the options name it: cpu, cuda:0 ….</param>
/// <param name="Precision">What <c>Precision.Auto</c> means there: fp32 or bf16.</param>
internal sealed record ComputeDevice(string Name, string Precision);
