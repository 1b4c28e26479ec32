using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace MlNetBert.Models.Native;

/// <summary>
/// Finds libtorch and TorchSharp's shim, repairs the shim where the system's libstdc++ is older than it asks for, and loads both by full
/// path before TorchSharp looks for them by name. It happens by itself when <c>torch</c> is first used; see docs/native-stack.md.
/// </summary>
/// <remarks>All members are safe to call from any thread. What was decided once stays for the life of the process.</remarks>
[Experimental("MLNETBERT001")]
public static class TorchRuntime
{
    /// <summary>
    /// The environment variable that names another libtorch: a directory with <c>lib/</c> (a libtorch distribution, or the <c>torch</c>
    /// directory of a Python installation), or the directory of the libraries itself.
    /// </summary>
    public const string EnvironmentVariable = "LIBTORCH";

    private const string ShimName = "LibTorchSharp";
    private static readonly Lock Gate = new();
    private static bool Installed;
    private static TorchLibraries? Libraries;
    private static TorchUnavailableException? Failure;
    private static nint DataOf;

    /// <summary>What was loaded, or null while nothing has been asked of libtorch yet or it could not be loaded.</summary>
    public static TorchRuntimeInfo? Info => Volatile.Read(ref Libraries)?.Info;

    /// <summary>Loads libtorch now if that has not happened yet.</summary>
    /// <returns>What was loaded.</returns>
    /// <exception cref="TorchUnavailableException">Nothing could be loaded; the message says what was looked for, where, and what mends
    /// it.</exception>
    public static TorchRuntimeInfo EnsureLoaded() => Load().Info;

    /// <summary>Loads libtorch now if that has not happened yet, and says why not instead of throwing.</summary>
    /// <param name="failure">Why it could not be loaded; null when it was.</param>
    /// <returns>Whether libtorch is loaded.</returns>
    public static bool TryEnsureLoaded(out TorchUnavailableException? failure)
    {
        try
        {
            Load();
            failure = null;
            return true;
        }
        catch (TorchUnavailableException e)
        {
            failure = e;
            return false;
        }
    }

    /// <summary>
    /// Hooks the loading of TorchSharp's native library, so that the first use of <c>torch</c> loads through this class. Loads nothing
    /// itself. Called by module initializers (this assembly's, and one compiled into executables that reference it); calling it again does
    /// nothing.
    /// </summary>
    [EditorBrowsable(EditorBrowsableState.Advanced)]
    public static void Install()
    {
        lock (Gate)
        {
            if (Installed)
                return;
            Installed = true;
        }

        var torchSharp = typeof(TorchSharp.torch).Assembly;
        (AssemblyLoadContext.GetLoadContext(torchSharp) ?? AssemblyLoadContext.Default).ResolvingUnmanagedDll += ResolveByName;
        try
        {
            NativeLibrary.SetDllImportResolver(torchSharp, ResolveImport);
        }
        catch (InvalidOperationException)
        {
            // The application resolves TorchSharp's imports itself; the hook above still serves what it leaves open.
        }
    }

    // A library's module initializer is the point here: whoever uses the models must not have to call anything first.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void InstallAtStart() => Install();
#pragma warning restore CA2255

    /// <summary>Finds a function of the libtorch that is loaded, or of a library that it was linked with.</summary>
    internal static bool TryGetExport(string name, out nint address) => NativeLibrary.TryGetExport(Load().TorchCpu, name, out address);

    /// <summary>Where the numbers of a tensor lie, in the memory of its device; TorchSharp tells it of tensors on the CPU only.</summary>
    internal static unsafe nint AddressOf(TorchSharp.torch.Tensor tensor)
    {
        if (DataOf == 0)
            DataOf = NativeLibrary.GetExport(Load().Shim, "THSTensor_data");
        var address = ((delegate* unmanaged<nint, nint>)DataOf)(tensor.Handle);
        GC.KeepAlive(tensor);
        return address;
    }

    private static TorchLibraries Load()
    {
        if (Volatile.Read(ref Libraries) is { } loaded)
            return loaded;

        Install();
        TorchLibraries libraries;
        lock (Gate)
        {
            if (Libraries is not null)
                return Libraries;
            if (Failure is not null)
                throw new TorchUnavailableException(Failure.Message, Failure);
            try
            {
                libraries = TorchLibraries.Load();
            }
            catch (TorchUnavailableException e)
            {
                Failure = e;
                throw;
            }

            Volatile.Write(ref Libraries, libraries);
        }

        // Outside the lock: this runs TorchSharp's static constructor, which may be waiting for us on another thread.
        if (libraries.HasRival)
            MarkBackendLoaded();
        return libraries;
    }

    // Without this TorchSharp would load a copy of torch_cpu found beside the application by its name: a second libtorch in the process.
    private static void MarkBackendLoaded() =>
        typeof(TorchSharp.torch).GetField("nativeBackendLoaded", BindingFlags.Static | BindingFlags.NonPublic)?.SetValue(null, true);

    private static nint ResolveImport(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        string.Equals(name, ShimName, StringComparison.Ordinal) ? Load().Shim : 0;

    private static nint ResolveByName(Assembly assembly, string name)
    {
        if (assembly != typeof(TorchSharp.torch).Assembly || name is not (ShimName or "torch_cpu" or "torch_cuda"))
            return 0;

        if (TryEnsureLoaded(out _))
            return name switch
            {
                ShimName => Load().Shim,
                "torch_cpu" => Load().TorchCpu,
                _ => Load().TorchCuda,
            };

        // Any handle will do: TorchSharp then does not start copying packages into the output, and its first call ends in ResolveImport,
        // which throws our one exception.
        return string.Equals(name, ShimName, StringComparison.Ordinal) ? NativeLibrary.GetMainProgramHandle() : 0;
    }
}
