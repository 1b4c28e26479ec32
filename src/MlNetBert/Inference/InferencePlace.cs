using Microsoft.ML.Runtime;
using MlNetBert.Models;
using MlNetBert.Training.Loop;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>Where and how a call computes. Immutable.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Device">The device.</param>
/// <param name="Precision">The precision of matrix multiplications.</param>
internal sealed record InferencePlace(InferenceOptions Options, Device Device, ComputePrecision Precision)
{
    /// <summary>Texts at once; null for the default.</summary>
    public int? BatchSize => Options.BatchSize;

    /// <summary>Resolves options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="environment">What "auto" depends on, and where a line goes if there is no such GPU; null for none.</param>
    /// <exception cref="InvalidOptionsException">An option is invalid, or there is no such GPU.</exception>
    /// <exception cref="InvalidOperationException">The context names a GPU that is not there and does not fall back.</exception>
    public static InferencePlace Of(PredictionOptions options, IHostEnvironment? environment)
    {
        var inference = options.Inference;
        inference.Validate();
        var device = DeviceChoice.Resolve(inference.Device, environment, TrainingDevice.GpuCount, out var note);
        if (note is not null)
        {
            using var channel = environment!.Start("Device");
            channel.Warning(MessageSensitivity.None, "{0}", note);
        }

        return new InferencePlace(inference, device, TrainingDevice.Resolve(inference.Precision, device));
    }
}
