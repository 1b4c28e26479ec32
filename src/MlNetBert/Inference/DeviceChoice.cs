using System.Globalization;
using Microsoft.ML.Runtime;
using MlNetBert.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>Which device a name is, with what ML.NET's context says of GPUs.</summary>
internal static class DeviceChoice
{
    /// <summary>The device to compute on.</summary>
    /// <param name="name">A name that <see cref="TrainingDevice.IsName"/> accepts.</param>
    /// <param name="environment">Whose GpuDeviceId and FallbackToCpu decide what "auto" is; null for none.</param>
    /// <param name="gpus">How many GPUs there are.</param>
    /// <param name="note">What there is to say; null where there is nothing.</param>
    /// <exception cref="InvalidOptionsException">There is no such GPU.</exception>
    /// <exception cref="InvalidOperationException">The context's GPU is not there, and it does not fall back.</exception>
    public static Device Resolve(string name, IHostEnvironment? environment, int gpus, out string? note)
    {
        name = OfContext(name, environment, gpus, out note);
        return name != TrainingDevice.Auto ? TrainingDevice.ResolveNamed(name, gpus, nameof(PredictionOptions))
            : gpus == 0 ? CPU : new Device(DeviceType.CUDA, 0);
    }

    /// <summary>The name of a device after the context was asked: "auto" stays where it names no GPU.</summary>
    /// <exception cref="InvalidOperationException">The context's GPU is not there, and it does not fall back.</exception>
    public static string OfContext(string name, IHostEnvironment? environment, int gpus, out string? note)
    {
        note = null;
        if (name != TrainingDevice.Auto || environment is not IHostEnvironmentInternal { GpuDeviceId: { } wanted } context)
            return name;
        if (wanted >= 0 && wanted < gpus)
            return TrainingDevice.NameOfGpu(wanted);
        var found = string.Create(
            CultureInfo.InvariantCulture, $"MLContext.GpuDeviceId is {wanted}, but the loaded libtorch sees {gpus} GPUs");
        if (!context.FallbackToCpu)
        {
            throw new InvalidOperationException(
                $"{found}. Name another GPU, set MLContext.FallbackToCpu to compute on the processor, or point LIBTORCH to a PyTorch with "
                    + "CUDA.");
        }

        note = $"{found}: computing on the processor (MLContext.FallbackToCpu).";
        return TrainingDevice.Processor;
    }

    /// <summary>The options of a run with the device after the context was asked; what there is to say is a warning.</summary>
    public static T OfContext<T>(T options, IHostEnvironment environment, IChannel channel)
        where T : TrainingOptions
    {
        var name = OfContext(options.Device, environment, TrainingDevice.GpuCount, out var note);
        if (note is not null)
            channel.Warning(MessageSensitivity.None, "{0}", note);
        return options with { Device = name };
    }
}
