using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// Kernels of this library between the matrix products of training in bfloat16 on an NVIDIA GPU. Models take them by themselves; without
/// them a step of a large model takes more than half as long again and gives the same but for roundings.
/// </summary>
internal static class GpuKernels
{
    /// <summary>
    /// Tells why a GPU's training goes without the kernels; compiles them if that has not happened yet, in about a second.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <returns>The reason; null where the kernels are there, and for a processor.</returns>
    public static string? FaultOf(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return FusedKernels.FaultOf(device);
    }
}
