using System.Runtime.InteropServices;

namespace MlNetBert.Models.Native;

/// <summary>File names and package names of the native stack on one operating system.</summary>
internal sealed record NativeNames(string Rid, string Prefix, string Extension)
{
    /// <summary>The libtorch version that TorchSharp's shim was built against, and that of the packages.</summary>
    public const string LibTorchVersion = "2.10.0";

    public string Package => $"libtorch-cpu-{Rid}";

    public string Shim => File("LibTorchSharp");

    public string TorchCpu => File("torch_cpu");

    public string TorchCuda => File("torch_cuda");

    public string Torch => File("torch");

    /// <summary>The names of this process's system, or null where no libtorch package exists.</summary>
    public static NativeNames? ForThisProcess() =>
        (RuntimeInformation.ProcessArchitecture, OperatingSystem.IsLinux(), OperatingSystem.IsWindows(), OperatingSystem.IsMacOS()) switch
        {
            (Architecture.X64, true, _, _) => new NativeNames("linux-x64", "lib", ".so"),
            (Architecture.X64, _, true, _) => new NativeNames("win-x64", "", ".dll"),
            (Architecture.Arm64, _, _, true) => new NativeNames("osx-arm64", "lib", ".dylib"),
            _ => null,
        };

    private string File(string name) => Prefix + name + Extension;
}
