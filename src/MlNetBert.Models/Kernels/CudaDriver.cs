using System.Runtime.InteropServices;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// What is needed of NVIDIA's driver, which every machine that can use a GPU has: code loaded beside libtorch's, in libtorch's context and
/// on its stream.
/// </summary>
internal sealed unsafe class CudaDriver
{
    private const int OutOfMemory = 2; // CUDA_ERROR_OUT_OF_MEMORY

    // CUdevice_attribute
    private const int MultiprocessorCount = 16;
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    private static readonly Lazy<CudaDriver?> Instance = new(() =>
        // Never of the current directory.
        NativeLibrary.TryLoad(Library, typeof(CudaDriver).Assembly, DllImportSearchPath.System32, out var library)
            ? new CudaDriver(library)
            : null);

    private readonly delegate* unmanaged<int, byte**, int> _getErrorString;
    private readonly delegate* unmanaged<int*, int, int> _getDevice;
    private readonly delegate* unmanaged<nint*, int, int> _retainPrimaryContext;
    private readonly delegate* unmanaged<int, int> _releasePrimaryContext;
    private readonly delegate* unmanaged<nint, int> _pushContext;
    private readonly delegate* unmanaged<nint*, int> _popContext;
    private readonly delegate* unmanaged<int*, int, int, int> _getAttribute;
    private readonly delegate* unmanaged<nuint*, nuint*, int> _getMemory;
    private readonly delegate* unmanaged<nint*, byte*, int> _loadModule;
    private readonly delegate* unmanaged<nint*, nint, byte*, int> _getFunction;
    private readonly delegate* unmanaged<int*, nint, int, nuint, int> _getOccupancy;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launch;

    private CudaDriver(nint library)
    {
        _getErrorString = (delegate* unmanaged<int, byte**, int>)NativeLibrary.GetExport(library, "cuGetErrorString");
        _getDevice = (delegate* unmanaged<int*, int, int>)NativeLibrary.GetExport(library, "cuDeviceGet");
        _retainPrimaryContext = (delegate* unmanaged<nint*, int, int>)NativeLibrary.GetExport(library, "cuDevicePrimaryCtxRetain");
        _releasePrimaryContext = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "cuDevicePrimaryCtxRelease_v2");
        _pushContext = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuCtxPushCurrent_v2");
        _popContext = (delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "cuCtxPopCurrent_v2");
        _getAttribute = (delegate* unmanaged<int*, int, int, int>)NativeLibrary.GetExport(library, "cuDeviceGetAttribute");
        _getMemory = (delegate* unmanaged<nuint*, nuint*, int>)NativeLibrary.GetExport(library, "cuMemGetInfo_v2");
        _loadModule = (delegate* unmanaged<nint*, byte*, int>)NativeLibrary.GetExport(library, "cuModuleLoadData");
        _getFunction = (delegate* unmanaged<nint*, nint, byte*, int>)NativeLibrary.GetExport(library, "cuModuleGetFunction");
        _getOccupancy = (delegate* unmanaged<int*, nint, int, nuint, int>)NativeLibrary.GetExport(library,
            "cuOccupancyMaxActiveBlocksPerMultiprocessor");
        _launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)NativeLibrary.GetExport(
            library, "cuLaunchKernel");
    }

    /// <summary>The driver's file.</summary>
    public static string Library => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The driver; null where there is none.</summary>
    public static CudaDriver? Shared => Instance.Value;

    /// <summary>The driver's name for the device of a number.</summary>
    public int Device(int number)
    {
        int device;
        Check(_getDevice(&device, number));
        return device;
    }

    /// <summary>The context that libtorch works in on a device. libtorch must have used the device before.</summary>
    public nint PrimaryContext(int device)
    {
        nint context;
        Check(_retainPrimaryContext(&context, device));
        return context;
    }

    /// <summary>Multiprocessors of a device.</summary>
    public int Multiprocessors(int device) => Attribute(device, MultiprocessorCount);

    /// <summary>What a device's instructions are: 8.0 and more have bfloat16.</summary>
    public Version ComputeCapability(int device) => new(Attribute(device, CapabilityMajor), Attribute(device, CapabilityMinor));

    /// <summary>Compiles PTX for the device of a context, for the life of the process.</summary>
    /// <returns>The function of that name.</returns>
    public nint Load(nint context, ReadOnlySpan<byte> code, ReadOnlySpan<byte> name)
    {
        fixed (byte* text = code)
        fixed (byte* entry = name)
        {
            nint module, function;
            using var entered = Enter(context);
            Check(_loadModule(&module, text));
            Check(_getFunction(&function, module, entry));
            return function;
        }
    }

    /// <summary>Groups of so many threads that run on a multiprocessor at once: what its registers leave room for.</summary>
    public int GroupsOfMultiprocessor(nint context, nint function, int threads)
    {
        int groups;
        using var entered = Enter(context);
        Check(_getOccupancy(&groups, function, threads, 0));
        return groups;
    }

    /// <summary>Has the device run a function behind all that libtorch has given it; does not wait.</summary>
    public void Launch(nint context, nint function, int groups, int columns, int lines, void** parameters)
    {
        using var entered = Enter(context);
        Check(_launch(function, (uint)groups, 1, 1, (uint)columns, (uint)lines, 1, 0, 0, parameters, null));
    }

    /// <summary>Memory of the device of a number, of all processes on it.</summary>
    public (long Used, long Total) Memory(int number)
    {
        var device = Device(number);
        var context = PrimaryContext(device);
        try
        {
            nuint free, total;
            using var entered = Enter(context);
            Check(_getMemory(&free, &total));
            return ((long)(total - free), (long)total);
        }
        finally
        {
            _ = _releasePrimaryContext(device);
        }
    }

    /// <summary>Whether the driver has refused for lack of memory.</summary>
    public static bool IsOutOfMemory(Exception exception) => exception is ExternalException { ErrorCode: OutOfMemory };

    private int Attribute(int device, int attribute)
    {
        int value;
        Check(_getAttribute(&value, attribute, device));
        return value;
    }

    private Entered Enter(nint context)
    {
        Check(_pushContext(context));
        return new Entered(this);
    }

    private void Check(int result)
    {
        if (result == 0)
            return;
        byte* text;
        var reason = _getErrorString(result, &text) == 0 ? Marshal.PtrToStringUTF8((nint)text) : "unknown";
        throw new ExternalException($"NVIDIA's driver refused (error {result}): {reason}.", result);
    }

    /// <summary>A context that this thread is in until it is disposed of.</summary>
    private readonly ref struct Entered(CudaDriver driver)
    {
        public void Dispose()
        {
            nint context;
            _ = driver._popContext(&context);
        }
    }
}
