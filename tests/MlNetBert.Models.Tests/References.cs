using MlNetBert.HuggingFace;

namespace MlNetBert.Models.Tests;

/// <summary>Models that Hugging Face's transformers saved, with what it gives for them: in this project's Goldens, or beside the checkout.</summary>
internal static class References
{
    /// <summary>The directory of one, or a file of it.</summary>
    public static string PathOf(string name, string file = "") =>
        Directory.Exists(TestPaths.Golden(name)) ? TestPaths.Golden(name, file) : TestPaths.Shared("golden", "models", name, file);

    public static ICheckpointWeights OpenWeights(string name) => CheckpointWeights.FromFile(PathOf(name, "model.safetensors"));

    public static ModelConfig ReadConfig(string name) => ModelArchitecture.ReadConfig(PathOf(name, "config.json"));

    /// <summary>One as the class that its config.json names.</summary>
    public static LanguageModelModule Load(string name)
    {
        var config = ReadConfig(name);
        using var weights = OpenWeights(name);
        var architecture = ModelArchitecture.Of(config);
        return architecture.Load(architecture.FindClass(config.Architectures[0])!, config, weights, out _);
    }
}
