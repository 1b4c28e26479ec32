namespace MlNetBert.Models.Kernels;

/// <summary>How much of a GPU's memory is in use.</summary>
/// <param name="UsedBytes">Bytes in use, of all processes.</param>
/// <param name="TotalBytes">Bytes in all.</param>
internal sealed record GpuMemoryUsage(long UsedBytes, long TotalBytes);
