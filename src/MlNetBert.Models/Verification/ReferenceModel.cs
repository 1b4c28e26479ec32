using MlNetBert.HuggingFace;

namespace MlNetBert.Models.Verification;

/// <summary>A small model that this library carries, and what Hugging Face's implementation gives for it.</summary>
internal sealed class ReferenceModel : IDisposable
{
    private ReferenceModel(ModelConfig config, ICheckpointWeights weights, ICheckpointWeights reference) =>
        (Config, Weights, Reference) = (config, weights, reference);

    public ModelConfig Config { get; }

    public ICheckpointWeights Weights { get; }

    public ICheckpointWeights Reference { get; }

    /// <summary>Opens the model of a name.</summary>
    public static ReferenceModel Open(string name) => new(
        ModelArchitecture.ReadConfig(Read(name, ModelFiles.Config), name),
        CheckpointWeights.FromMemory(Read(name, ModelFiles.Weights), name),
        CheckpointWeights.FromMemory(Read(name, "reference.safetensors"), name));

    public void Dispose()
    {
        Weights.Dispose();
        Reference.Dispose();
    }

    private static byte[] Read(string name, string file)
    {
        using var stream = typeof(ReferenceModel).Assembly.GetManifestResourceStream($"{name}/{file}")
            ?? throw new FileNotFoundException($"This assembly carries no {name}/{file}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
