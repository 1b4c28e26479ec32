using System.Collections.Concurrent;
using System.Text;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;

namespace MlNetBert.Models.Kernels;

/// <summary>A kernel written in C#, compiled once for a device.</summary>
internal sealed class FusedKernel
{
    private readonly CudaDriver _driver;
    private readonly nint _context;
    private readonly nint _function;
    private readonly ConcurrentDictionary<int, int> _groups = new();

    private FusedKernel(CudaDriver driver, nint context, nint function) => (_driver, _context, _function) = (driver, context, function);

    /// <summary>Compiles a kernel.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="context">The context of the device.</param>
    /// <param name="backend">What makes PTX of C#.</param>
    /// <param name="method">A static method.</param>
    public static FusedKernel Compile(CudaDriver driver, nint context, PTXBackend backend, Delegate method)
    {
        var compiled = (PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method.Method), default);
        return new FusedKernel(driver, context, driver.Load(context, Terminated(compiled.PTXAssembly), Terminated(compiled.Name)));
    }

    /// <summary>Groups of so many threads that a multiprocessor has room for at once.</summary>
    public int GroupsOfMultiprocessor(int threads) =>
        _groups.GetOrAdd(threads, count => Math.Max(1, _driver.GroupsOfMultiprocessor(_context, _function, count)));

    /// <summary>Runs the kernel behind all that libtorch has given the device; does not wait.</summary>
    /// <param name="layout">The threads.</param>
    /// <param name="arguments">In the order of the method's parameters.</param>
    public unsafe void Launch(LineLayout layout, params Span<KernelArgument> arguments)
    {
        if (layout.Groups == 0)
            return; // no rows
        var addresses = stackalloc void*[arguments.Length];
        fixed (KernelArgument* first = arguments)
        {
            for (var i = 0; i < arguments.Length; i++)
                addresses[i] = first + i;
            _driver.Launch(_context, _function, layout.Groups, layout.Columns, layout.Lines, addresses);
        }
    }

    private static byte[] Terminated(string text) => Encoding.ASCII.GetBytes(text + '\0');
}
