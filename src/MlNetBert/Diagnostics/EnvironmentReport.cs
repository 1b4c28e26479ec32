using System.Reflection;
using System.Runtime.InteropServices;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Models;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Native;
using MlNetBert.Training.Loop;
using TorchSharp;

namespace MlNetBert.Diagnostics;

/// <summary>
/// What runs here: versions, libtorch and where it is from, devices, the precision that will be used, and what is missing.
/// </summary>
internal sealed class EnvironmentReport
{
    private EnvironmentReport()
    {
    }

    /// <summary>The version of each part, by its name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The operating system.</summary>
    public string OperatingSystem { get; } = RuntimeInformation.OSDescription;

    /// <summary>The processor's architecture.</summary>
    public string Architecture { get; } = RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>Processors that this process may use.</summary>
    public int Processors { get; } = Environment.ProcessorCount;

    /// <summary>Memory that this process may use, in bytes.</summary>
    public long MemoryBytes { get; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>libtorch and its shim; null where it could not be loaded.</summary>
    public TorchRuntimeInfo? Torch { get; init; }

    /// <summary>Threads that libtorch computes with; null where it could not be loaded.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether the processor multiplies bfloat16 in hardware.</summary>
    public bool ProcessorMultipliesBFloat16 { get; } = TrainingDevice.ProcessorMultipliesBFloat16();

    /// <summary>The devices, the one that <c>auto</c> takes first; none where libtorch could not be loaded.</summary>
    public required IReadOnlyList<ComputeDevice> Devices { get; init; }

    /// <summary>The directory of the hub's cache; null where the hub's settings are at fault.</summary>
    public string? HubCache { get; init; }

    /// <summary>The hub's address; null where the hub's settings are at fault.</summary>
    public string? HubEndpoint { get; init; }

    /// <summary>Whether the hub is never asked; null where the hub's settings are at fault.</summary>
    public bool? HubIsOffline { get; init; }

    /// <summary>What is missing, and how to get it.</summary>
    public required IReadOnlyList<MissingPart> Missing { get; init; }

    /// <summary>Whether everything is there that computing needs.</summary>
    public bool IsReady => !Missing.Any(part => part.Required);

    /// <summary>
    /// Looks. Loads libtorch if that has not happened yet; does not touch the network, and does not throw for what is missing.
    /// </summary>
    /// <returns>What was found.</returns>
    public static EnvironmentReport Collect()
    {
        var missing = new List<MissingPart>();
        var hub = FindHub(missing);
        var loaded = TorchRuntime.TryEnsureLoaded(out var failure);
        if (!loaded)
            missing.Add(new MissingPart("libtorch", failure!.Message, Required: true));
        var devices = loaded ? FindDevices(missing) : [];
        return new EnvironmentReport
        {
            Versions = FindVersions(),
            Torch = TorchRuntime.Info,
            Threads = loaded ? torch.get_num_threads() : null,
            Devices = devices,
            HubCache = hub?.CacheDirectory,
            HubEndpoint = hub?.Endpoint,
            HubIsOffline = hub?.IsOffline,
            Missing = missing,
        };
    }

    private static List<ComputeDevice> FindDevices(List<MissingPart> missing)
    {
        var devices = new List<ComputeDevice>();
        var gpus = TrainingDevice.GpuCount;
        for (var i = 0; i < gpus; i++)
        {
            var gpu = torch.device(DeviceType.CUDA, i);
            devices.Add(new ComputeDevice($"cuda:{i}", NameOf(gpu)));
            if (GpuKernels.FaultOf(gpu) is { } fault)
                missing.Add(
                    new MissingPart($"kernels for cuda:{i}", $"Training in bfloat16 there takes half as long again without them. {fault}",
                        Required: false));
        }

        devices.Add(new ComputeDevice("cpu", NameOf(torch.CPU)));
        if (gpus == 0)
        {
            missing.Add(new MissingPart(
                "a GPU",
                $"Only needed to train faster. With an NVIDIA GPU and driver, point {TorchRuntime.EnvironmentVariable} to a libtorch "
                    + "built for CUDA, such as the torch directory of a Python installation.",
                Required: false));
        }

        return devices;
    }

    private static string NameOf(torch.Device device) =>
        TrainingDevice.Resolve(Precision.Auto, device) == ComputePrecision.BFloat16 ? "bf16" : "fp32";

    private static (string CacheDirectory, string Endpoint, bool IsOffline)? FindHub(List<MissingPart> missing)
    {
        try
        {
            using var client = new HubClient();
            return (client.CacheDirectory, client.Endpoint, client.IsOffline);
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            missing.Add(new MissingPart("the hub", e.Message, Required: false));
            return null;
        }
    }

    private static Dictionary<string, string> FindVersions() => new()
    {
        ["MlNetBert"] = VersionOf(typeof(EnvironmentReport).Assembly),
        [".NET"] = Environment.Version.ToString(),
        ["Microsoft.ML"] = VersionOf(typeof(Microsoft.ML.MLContext).Assembly),
        ["Microsoft.ML.Tokenizers"] = VersionOf(typeof(Microsoft.ML.Tokenizers.Tokenizer).Assembly),
        ["TorchSharp"] = VersionOf(typeof(torch).Assembly),
    };

    internal static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? assembly.GetName().Version?.ToString() ?? "unknown";
}
