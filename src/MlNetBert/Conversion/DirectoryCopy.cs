using System.Text;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Inference;
using MlNetBert.Models;

namespace MlNetBert.Conversion;

/// <summary>
/// Copies the files of a model directory, its weights in another type where one is asked for. Heads that this project does not know are
/// copied with the rest.
/// </summary>
internal static class DirectoryCopy
{
    /// <summary>Copies into an empty directory.</summary>
    public static void Write(
        string from, string to, SafetensorsDtype? dtype, PretrainedModelOptions options, CancellationToken cancellationToken)
    {
        var directory = ModelDirectory.Open(from);
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        using var weights = directory.OpenWeights();
        foreach (var name in
            SharedModelReader.FilesOf(from).Where(name =>
                (dtype is null || !IsWeights(name)) && !(options.ChangesTokenizer && SharedModelReader.IsTokenizerFile(name))))
        {
            var target = Path.Combine(to, name.Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (dtype is { } changed && name == ModelFiles.Config)
                File.WriteAllText(target, (config with { Dtype = Weights.NameOf(changed) }).ToJsonString(), new UTF8Encoding(false));
            else
                Copy(directory.FilePath(name), target, cancellationToken);
        }

        if (options.ChangesTokenizer)
            SubwordTokenizer.FromDirectory(from, options.InvalidText, options.TokenizerPrecedence).Save(to);
        if (dtype is { } wanted)
            SafetensorsWriter.Write(Path.Combine(to, ModelFiles.Weights), weights.Names.Select(name =>
                Convert(weights, name, wanted, cancellationToken)));
    }

    private static bool IsWeights(string name) =>
        name == ModelFiles.WeightsIndex || name.EndsWith(".safetensors", StringComparison.Ordinal);

    private static void Copy(string from, string to, CancellationToken cancellationToken)
    {
        using var source = File.OpenRead(from);
        using var target = new FileStream(to, FileMode.CreateNew);
        Copy(source, target, cancellationToken);
    }

    private static void Copy(Stream source, Stream target, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            target.Write(buffer.AsSpan(0, read));
        }
    }

    private static TensorData Convert(
        ICheckpointWeights weights, string name, SafetensorsDtype dtype, CancellationToken cancellationToken)
    {
        var tensor = weights.Describe(name);
        return tensor.Dtype.IsFloatingPoint() && tensor.Dtype != dtype
            ? new TensorData(name, dtype, tensor.Shape, stream => WriteConverted(weights, tensor, dtype, stream, cancellationToken))
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
