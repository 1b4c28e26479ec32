namespace MlNetBert.Models.Native;

/// <summary>What <see cref="TorchRuntime"/> loaded.</summary>
[Experimental("MLNETBERT001")]
public sealed record TorchRuntimeInfo
{
    /// <summary>Where libtorch came from.</summary>
    public required TorchSource Source { get; init; }

    /// <summary>The directory of libtorch's libraries, with links resolved.</summary>
    public required string LibTorchDirectory { get; init; }

    /// <summary>libtorch's version as its directory tells it (such as <c>2.10.0</c>), or null when it does not.</summary>
    public required string? LibTorchVersion { get; init; }

    /// <summary>The shim (LibTorchSharp) that was loaded: TorchSharp's own file, or the repaired copy of it.</summary>
    public required string ShimPath { get; init; }

    /// <summary>Whether the shim is a copy repaired for an older libstdc++ (see docs/native-stack.md).</summary>
    public required bool ShimRepaired { get; init; }

    /// <summary>
    /// Whether libtorch's CUDA library was found and loaded. Whether a device answers is <c>torch.cuda.is_available()</c>.
    /// </summary>
    public required bool HasCudaLibrary { get; init; }

    /// <summary>Every library loaded, by full path, in the order of loading.</summary>
    public required IReadOnlyList<string> LoadedFiles { get; init; }
}
