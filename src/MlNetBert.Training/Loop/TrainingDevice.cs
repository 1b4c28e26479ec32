using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>Where a run computes, and in which number format.</summary>
internal static class TrainingDevice
{
    /// <summary>The name of the device that there is: the first GPU, or the processor.</summary>
    public const string Auto = "auto";

    /// <summary>The name of the processor.</summary>
    public const string Processor = "cpu";

    private const string Gpu = "cuda";

    /// <summary>GPUs that the loaded libtorch sees.</summary>
    public static int GpuCount => cuda.is_available() ? cuda.device_count() : 0;

    /// <summary>Whether a name is "auto", "cpu", "cuda" or "cuda:N".</summary>
    public static bool IsName(string? name) => name is Auto or Processor || IndexOf(name) >= 0;

    /// <summary>The name of a GPU.</summary>
    public static string NameOfGpu(int index) => string.Create(CultureInfo.InvariantCulture, $"{Gpu}:{index}");

    /// <summary>The device of a name.</summary>
    /// <param name="name">"auto", "cpu", "cuda" or "cuda:N".</param>
    /// <returns>The device.</returns>
    /// <exception cref="InvalidOptionsException">The name is none of these, or there is no such GPU.</exception>
    public static Device Resolve(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name == Auto ? (cuda.is_available() ? CUDA : CPU) : ResolveNamed(name, GpuCount, nameof(TrainingOptions));
    }

    /// <summary>The device of a name that leaves no choice.</summary>
    /// <param name="name">"cpu", "cuda" or "cuda:N".</param>
    /// <param name="gpus">How many GPUs there are.</param>
    /// <param name="options">The options that have the name, for messages.</param>
    /// <returns>The device.</returns>
    /// <exception cref="InvalidOptionsException">The name is none of these, or there is no such GPU.</exception>
    public static Device ResolveNamed(string name, int gpus, string options)
    {
        if (name == Processor)
            return CPU;
        var index = IndexOf(name);
        var faults = new OptionsValidator().Require(index >= 0, nameof(TrainingOptions.Device), name, "must be auto, cpu, cuda or cuda:N");
        faults.ThrowIfAny(options);
        faults.Require(
            index < gpus, nameof(TrainingOptions.Device), name,
            $"must name one of the {gpus} GPUs that the loaded libtorch sees (LIBTORCH may point to a PyTorch with CUDA)");
        faults.ThrowIfAny(options);
        return new Device(DeviceType.CUDA, index); // counting the GPUs has loaded what CUDA needs
    }

    /// <summary>The number format of the matrix products.</summary>
    /// <param name="precision">What was asked for.</param>
    /// <param name="device">Where it is to run.</param>
    /// <returns>The format; <see cref="Precision.Auto"/> gives bfloat16 on a GPU, and on a processor that multiplies it in hardware and in
    /// clearly less time than float32, which is measured once.</returns>
    public static ComputePrecision Resolve(Precision precision, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return precision switch
        {
            Precision.Float32 => ComputePrecision.Float32,
            Precision.BFloat16 => ComputePrecision.BFloat16,
            _ => device.type == DeviceType.CUDA || ProcessorProducts.PrefersBFloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32,
        };
    }

    /// <summary>
    /// Lets a GPU multiply float32 matrices on its tensor cores, with inputs rounded to TensorFloat-32: ten bits of mantissa, several times
    /// as fast. For the whole process.
    /// </summary>
    /// <param name="device">Where a run computes; nothing happens on the processor.</param>
    internal static void UseTensorCores(Device device)
    {
        if (device.type == DeviceType.CUDA)
            backends.cuda.matmul.allow_tf32 = true;
    }

    /// <summary>What is to be told of a GPU that goes without kernels which training there would take.</summary>
    /// <param name="model">What is trained.</param>
    /// <param name="device">Where.</param>
    /// <returns>A warning, or none.</returns>
    internal static IEnumerable<string> MissingKernels(nn.Module model, Device device) =>
        model is LanguageModelModule { Precision: ComputePrecision.BFloat16 } && GpuKernels.FaultOf(device) is { } fault
        ? [$"Steps take half as long again as they need to: this GPU goes without the library's kernels. {fault}"]
        : [];

    /// <summary>
    /// Whether the processor has AVX512_BF16 or AMX_BF16: without them bfloat16 products are emulated, slower than float32. With them they
    /// need not be faster: <see cref="Resolve(Precision, Device)"/> measures.
    /// </summary>
    /// <returns>True where it has.</returns>
    public static bool ProcessorMultipliesBFloat16() => ProcessorProducts.HasBFloat16;

    private static int IndexOf(string? name) => name == Gpu ? 0
        : name?.StartsWith(Gpu + ":", StringComparison.Ordinal) == true
            && int.TryParse(name.AsSpan(Gpu.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
}
