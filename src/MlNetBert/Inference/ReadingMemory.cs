using System.Globalization;
using MlNetBert.Models;
using MlNetBert.Training.Loop;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>How much memory it takes to read texts without training, beside the weights.</summary>
internal static class ReadingMemory
{
    // Less than this is not worth asking for.
    private const double Least = 256e6;

    /// <summary>Refuses texts whose attention does not fit into memory.</summary>
    /// <param name="config">The model.</param>
    /// <param name="texts">How many are read at once.</param>
    /// <param name="length">Tokens of the longest.</param>
    /// <param name="device">Where to compute; a GPU tells by itself when its memory runs out.</param>
    /// <param name="precision">The number format of matrix products.</param>
    /// <exception cref="InsufficientMemoryException">They do not fit.</exception>
    public static void Require(ModelConfig config, int texts, int length, Device device, ComputePrecision precision)
    {
        var bytes = device.type == TorchSharp.DeviceType.CPU ? texts * BytesOfText(config, length, precision) : 0;
        if (bytes < Least || AvailableMemory.Bytes() is not { } available || bytes <= available)
            return;
        throw new InsufficientMemoryException(string.Create(CultureInfo.InvariantCulture,
            $"{texts} text(s) of {length} tokens take about {bytes / 1e9:0.0} GB to read at once (attention grows with the square of the "
                + $"length), but {available / 1e9:0.0} GB are available. Cut the text ({nameof(EmbeddingOptions.MaxLength)}), or take a "
                + $"smaller {nameof(PredictionOptions.BatchSize)}."));
    }

    /// <summary>Bytes that a text takes, about: a layer's activations, and what attention holds of its square.</summary>
    public static double BytesOfText(ModelConfig config, int length, ComputePrecision precision) =>
        (length * sizeof(float) * ((4.0 * config.HiddenSize) + (2.0 * config.IntermediateSize)))
            + ModelArchitecture.Of(config).FootprintOf(config, length, precision).ReadingBytes;
}
