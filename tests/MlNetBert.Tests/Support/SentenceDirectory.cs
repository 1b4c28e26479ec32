using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Support;

/// <summary>A small model in a sentence-transformers directory.</summary>
internal static class SentenceDirectory
{
    public const int Hidden = 32;

    private const string Transformer = """{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}""";

    /// <summary>Makes it.</summary>
    /// <param name="root">Where.</param>
    /// <param name="name">The directory's name.</param>
    /// <param name="modules">Those behind the module Transformer.</param>
    /// <param name="pooling">The pooling's config.json; null for none.</param>
    /// <param name="poolingFolder">Where that stands; empty for the folder of the first module Pooling.</param>
    /// <returns>The directory.</returns>
    public static string Make(
        TemporaryDirectory root, string name, (string Type, string Folder)[] modules, string? pooling, string poolingFolder = "")
    {
        var path = Checkpoint.Of(root, name);
        File.WriteAllText(Path.Combine(path, ModelFiles.SentenceModules), $"[{string.Join(",", modules.Select(module => $$"""{"path":"{{module.Folder}}","type":"sentence_transformers.models.{{module.Type}}"}""").Prepend(Transformer))}]");
        if (pooling is not null)
        {
            var folder = poolingFolder.Length > 0 ? poolingFolder : modules.First(module => module.Type == "Pooling").Folder;
            Directory.CreateDirectory(Path.Combine(path, folder));
            File.WriteAllText(Path.Combine(path, folder, ModelFiles.Config), pooling);
        }

        return path;
    }

    /// <summary>Adds a module Dense with weights that are never the same twice in a row.</summary>
    /// <returns>The weights [outputs, inputs] and the bias.</returns>
    public static (float[] Weight, float[] Bias) AddDense(
        string path, string folder, int outputs, bool hasBias, string? activation, int inputs = Hidden)
    {
        Directory.CreateDirectory(Path.Combine(path, folder));
        File.WriteAllText(Path.Combine(path, folder, ModelFiles.Config), $$"""{"in_features":{{inputs}},"out_features":{{outputs}},"bias":{{(hasBias ? "true" : "false")}}{{(activation is null ? "" : $",\"activation_function\":\"{activation}\"")}}}""");
        float[] weight = [.. Enumerable.Range(0, outputs * inputs).Select(i => (float)Math.Sin(i) * 0.7f)];
        float[] bias = [.. Enumerable.Range(0, outputs).Select(i => (float)Math.Cos(i) * 0.2f)];
        List<TensorData> tensors = [new("linear.weight", SafetensorsDtype.F32, [outputs, inputs], Bytes(weight))];
        if (hasBias)
            tensors.Add(new("linear.bias", SafetensorsDtype.F32, [outputs], Bytes(bias)));
        SafetensorsWriter.Write(Path.Combine(path, folder, ModelFiles.Weights), tensors);
        return (weight, bias);
    }

    private static byte[] Bytes(float[] values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return bytes;
    }
}
