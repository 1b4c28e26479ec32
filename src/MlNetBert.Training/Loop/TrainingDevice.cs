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
    /// <summary>The device of a name.</summary>
    /// <param name="name">"auto", "cpu", "cuda" or "cuda:N".</param>
    /// <returns>The device.</returns>
    /// <exception cref="InvalidOptionsException">The name is none of these, or there is no such GPU.</exception>
    public static Device Resolve(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "auto")
            return cuda.is_available() ? CUDA : CPU;
        if (name == "cpu")
            return CPU;
        var index = name == "cuda" ? 0 : name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed >= 0 ? parsed : -1;
        var faults = new OptionsValidator().Require(index >= 0, nameof(TrainingOptions.Device), name, "must be auto, cpu, cuda or cuda:N");
        faults.ThrowIfAny(nameof(TrainingOptions));
        var found = cuda.is_available() ? cuda.device_count() : 0;
        faults.Require(
            index < found, nameof(TrainingOptions.Device), name,
            $"must name one of the {found} GPUs that the loaded libtorch sees (LIBTORCH may point to a PyTorch with CUDA)");
        faults.ThrowIfAny(nameof(TrainingOptions));
        return device(DeviceType.CUDA, index);
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
}
