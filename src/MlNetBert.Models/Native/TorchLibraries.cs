using System.Runtime.InteropServices;

namespace MlNetBert.Models.Native;

/// <summary>The native libraries once they are in the process: their handles, and what there is to tell about them.</summary>
internal sealed record TorchLibraries(nint TorchCpu, nint TorchCuda, nint Shim, bool HasRival, TorchRuntimeInfo Info)
{
    /// <exception cref="TorchUnavailableException">Nothing could be loaded.</exception>
    public static TorchLibraries Load()
    {
        var names = NativeNames.ForThisProcess() ?? throw new TorchUnavailableException(
            $"libtorch {NativeNames.LibTorchVersion} exists for Linux x64, Windows x64 and macOS arm64 processes; this process is "
                + $"{RuntimeInformation.RuntimeIdentifier} ({RuntimeInformation.ProcessArchitecture}). Run on one of those.");
        var locator = TorchLocator.ForThisProcess(names);
        var (source, directory) = locator.FindLibTorch() ?? throw NotFound(names, names.TorchCpu, locator);
        var shim = locator.FindShim() ?? throw NotFound(names, names.Shim, locator);

        if (source == TorchSource.Environment && locator.FindRivals(names.TorchCuda, directory).FirstOrDefault() is { } rival)
            throw new TorchUnavailableException(
                $"{TorchRuntime.EnvironmentVariable} chooses the libtorch in '{directory}', but TorchSharp would load '{rival}' beside "
                    + $"it. Remove that CUDA package or unset {TorchRuntime.EnvironmentVariable}.");

        var files = new List<string>();
        var torchCpu = LoadFile(names, Path.Combine(directory, names.TorchCpu), files);
        var cudaFile = Path.Combine(directory, names.TorchCuda);
        var torchCuda = File.Exists(cudaFile) ? LoadFile(names, cudaFile, files) : 0;
        var torchFile = Path.Combine(directory, names.Torch);
        if (File.Exists(torchFile))
            LoadFile(names, torchFile, files);
        var (shimHandle, shimPath) = LoadShim(names, shim, files);

        var info = new TorchRuntimeInfo
        {
            Source = source,
            LibTorchDirectory = directory,
            LibTorchVersion = locator.VersionOf(source, directory),
            ShimPath = shimPath,
            ShimRepaired = !string.Equals(shimPath, shim, StringComparison.Ordinal),
            HasCudaLibrary = torchCuda != 0,
            LoadedFiles = files,
        };
        return new TorchLibraries(torchCpu, torchCuda, shimHandle, locator.FindRivals(names.TorchCpu, directory).Any(), info);
    }

    private static (nint Handle, string Path) LoadShim(NativeNames names, string shim, List<string> files)
    {
        try
        {
            var handle = NativeLibrary.Load(shim);
            files.Add(shim);
            return (handle, shim);
        }
        catch (DllNotFoundException e) when (OperatingSystem.IsLinux() && ShimRepair.Mends(e.Message))
        {
            string repaired;
            bool written;
            try
            {
                (repaired, written) = ShimRepair.WriteRepairedCopy(shim);
            }
            catch (Exception failure) when (failure is NativeImageException or IOException or UnauthorizedAccessException)
            {
                throw new TorchUnavailableException(
                    $"'{shim}' asks for {ShimRepair.Version} of libstdc++, which this system does not have, and it could not be "
                        + $"repaired: {failure.Message} Install libstdc++ of GCC 13 or newer.", failure);
            }

            var handle = LoadFile(names, repaired, files);
            if (written)
                Console.Error.WriteLine(
                    $"MlNetBert: libstdc++ here lacks {ShimRepair.Version}; loading a copy of {names.Shim} that does without: {repaired}");
            return (handle, repaired);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw Refused(names, shim, e);
        }
    }

    private static nint LoadFile(NativeNames names, string file, List<string> files)
    {
        try
        {
            var handle = NativeLibrary.Load(file);
            files.Add(file);
            return handle;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw Refused(names, file, e);
        }
    }

    private static TorchUnavailableException Refused(NativeNames names, string file, Exception inner) => new(
        $"'{file}' was found, but the system refused to load it: {inner.Message.Trim()} Expected libtorch {NativeNames.LibTorchVersion} "
            + $"or a binary-compatible one for {names.Rid}; {Remedy(names)}", inner);

    private static TorchUnavailableException NotFound(NativeNames names, string file, TorchLocator locator) => new(
        $"'{file}' was not found. Looked "
            + $"for:{string.Concat(locator.Looked.Select(l => $"{Environment.NewLine}  {l}"))}{Environment.NewLine}{Remedy(names)}");

    private static string Remedy(NativeNames names) =>
        $"To mend it, reference the package {names.Package} {NativeNames.LibTorchVersion} (and TorchSharp) in the application, or set "
            + $"{TorchRuntime.EnvironmentVariable} to a libtorch directory (one with lib/{names.TorchCpu}) or to the torch directory of a "
            + "Python installation.";
}
