using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Conversion;

/// <summary>Writes weights, whatever they are read from, as one safetensors file, tensor by tensor.</summary>
internal static class WeightsCopy
{
    /// <summary>Writes every tensor under its name.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="path">The file.</param>
    /// <param name="dtype">The type of floating-point values; null leaves each as it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static void Write(
        ICheckpointWeights weights, string path, SafetensorsDtype? dtype = null, CancellationToken cancellationToken = default) =>
        SafetensorsWriter.Write(path, weights.Names.Select(name => Convert(weights, name, dtype, cancellationToken)));

    /// <summary>Copies a stream to its end.</summary>
    public static void Copy(Stream source, Stream target, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            target.Write(buffer.AsSpan(0, read));
        }
    }

    private static TensorData Convert(
        ICheckpointWeights weights, string name, SafetensorsDtype? dtype, CancellationToken cancellationToken)
    {
        var tensor = weights.Describe(name);
        return dtype is { } wanted && tensor.Dtype.IsFloatingPoint() && tensor.Dtype != wanted
            ? new TensorData(name, wanted, tensor.Shape, stream => WriteConverted(weights, tensor, wanted, stream, cancellationToken))
            : new TensorData(name, tensor.Dtype, tensor.Shape, stream =>
            {
                using var source = weights.OpenRead(name);
                Copy(source, stream, cancellationToken);
            });
    }

    private static void WriteConverted(
        ICheckpointWeights weights, SafetensorsTensor tensor, SafetensorsDtype dtype, Stream stream, CancellationToken cancellationToken)
    {
        const int ValuesAtOnce = 1 << 18;
        using var source = weights.OpenRead(tensor.Name);
        var width = tensor.Dtype.ByteWidth();
        var bytes = new byte[ValuesAtOnce * width];
        var values = new float[ValuesAtOnce];
        var converted = new byte[ValuesAtOnce * dtype.ByteWidth()];
        for (int read; (read = source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = read / width;
            TensorConversion.ToSingle(bytes.AsSpan(0, read), tensor.Dtype, values.AsSpan(0, count));
            if (dtype == SafetensorsDtype.F16
                && Array.Exists(values[..count], value => float.IsFinite(value) && !Half.IsFinite((Half)value)))
            {
                throw new SafetensorsFormatException(
                    weights.Source, $"tensor '{tensor.Name}' has values beyond ±65504, the largest of float16: convert to bfloat16 or "
                        + "float32 instead.", tensor.Name);
            }

            var target = converted.AsSpan(0, count * dtype.ByteWidth());
            TensorConversion.FromSingle(values.AsSpan(0, count), dtype, target);
            stream.Write(target);
        }
    }
}
