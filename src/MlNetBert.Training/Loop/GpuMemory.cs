using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>Memory of a GPU as NVIDIA's driver tells it, of all processes on it. libtorch keeps what it has once taken, so after a run this is the most that the run took.</summary>
public static partial class GpuMemory
{
    private const string Driver = "NVIDIA driver";

    static GpuMemory() => NativeLibrary.SetDllImportResolver(
        typeof(GpuMemory).Assembly,
        (name, _, _) => name == Driver && NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out var handle) ? handle : 0);

    /// <summary>Asks the driver.</summary>
    /// <param name="device">The device; something has been computed on it already.</param>
    /// <returns>Bytes in use and in all; null on the processor, and where the driver does not say.</returns>
    public static (long Used, long Total)? Read(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.type != DeviceType.CUDA)
            return null;
        try
        {
            // libtorch computes in the primary context of each device.
            if (DeviceGet(out var number, Math.Max(0, device.index)) != 0 || RetainPrimaryContext(out var context, number) != 0)
                return null;
            try
            {
                if (PushContext(context) != 0)
                    return null;
                var status = MemoryInfo(out var free, out var total);
                PopContext(out _);
                return status == 0 ? ((long)(total - free), (long)total) : null;
            }
            finally
            {
                ReleasePrimaryContext(number);
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport(Driver, EntryPoint = "cuDeviceGet")]
    private static partial int DeviceGet(out int device, int ordinal);

    [LibraryImport(Driver, EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static partial int RetainPrimaryContext(out nint context, int device);

    [LibraryImport(Driver, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static partial int ReleasePrimaryContext(int device);

    [LibraryImport(Driver, EntryPoint = "cuCtxPushCurrent_v2")]
    private static partial int PushContext(nint context);

    [LibraryImport(Driver, EntryPoint = "cuCtxPopCurrent_v2")]
    private static partial int PopContext(out nint context);

    [LibraryImport(Driver, EntryPoint = "cuMemGetInfo_v2")]
    private static partial int MemoryInfo(out nuint free, out nuint total);
}
