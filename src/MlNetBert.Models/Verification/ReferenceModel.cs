using System.Reflection;
using MlNetBert.HuggingFace;

namespace MlNetBert.Models.Verification;

/// <summary>A small model that an assembly carries, and what Hugging Face's implementation gives for it.</summary>
internal sealed class ReferenceModel : IDisposable
{
    private ReferenceModel(ModelConfig config, ICheckpointWeights weights, ICheckpointWeights reference) =>
        (Config, Weights, Reference) = (config, weights, reference);

    public ModelConfig Config { get; }

    public ICheckpointWeights Weights { get; }

    public ICheckpointWeights Reference { get; }

    /// <summary>Opens the model of a name.</summary>
    public static ReferenceModel Open(Assembly assembly, string name) => new(
        ModelArchitecture.ReadConfig(Read(assembly, name, ModelFiles.Config), name),
        CheckpointWeights.FromMemory(Read(assembly, name, ModelFiles.Weights), name),
        CheckpointWeights.FromMemory(Read(assembly, name, "reference.safetensors"), name));

    public void Dispose()
    {
        Weights.Dispose();
        Reference.Dispose();
    }

    private static byte[] Read(Assembly assembly, string name, string file)
    {
        using var stream = assembly.GetManifestResourceStream($"{name}/{file}")
            ?? throw new FileNotFoundException($"{assembly.GetName().Name} carries no resource {name}/{file}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
