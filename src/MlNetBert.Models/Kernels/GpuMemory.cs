using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// Memory of a GPU as NVIDIA's driver tells it, of all processes on it. libtorch keeps what it has once taken, so after a run this is the
/// most that the run took.
/// </summary>
internal static class GpuMemory
{
    /// <summary>Asks the driver.</summary>
    /// <param name="device">The device; something has been computed on it already.</param>
    /// <returns>What is in use; null on the processor, and where the driver does not say.</returns>
    public static GpuMemoryUsage? Read(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.type != DeviceType.CUDA)
            return null;
        try
        {
            return CudaDriver.Shared?.Memory(Math.Max(0, device.index)) is (var used, var total) ? new GpuMemoryUsage(used, total) : null;
        }
        catch (Exception e) when (e is ExternalException or EntryPointNotFoundException)
        {
            return null;
        }
    }
}
