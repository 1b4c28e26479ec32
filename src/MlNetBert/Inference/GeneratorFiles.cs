using MlNetBert.HuggingFace;
using MlNetBert.Models;

namespace MlNetBert.Inference;

/// <summary>The generator in a folder of a model for replaced-token detection, among the files that the model was opened from.</summary>
internal static class GeneratorFiles
{
    /// <summary>Reads the generator.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="source">What messages call the model.</param>
    /// <returns>The generator, whole; null where there is none.</returns>
    /// <exception cref="ModelFormatException">A file is missing or malformed, or it is no whole masked language model.</exception>
    public static MaskedLanguageModel? Read(IReadOnlyList<IHeldFile> files, string source) =>
        With(files, source, static (directory, name) =>
        {
            var opened = ModelDirectory.Open(directory);
            var config = ModelArchitecture.ReadConfig(File.ReadAllBytes(opened.ConfigPath), $"{name}/{ModelFiles.Config}");
            using var weights = opened.OpenWeights();
            var architecture = ModelArchitecture.Of(config);
            if (!architecture.Has(ModelHead.MaskedLanguageModel))
                throw new ModelFormatException(name,
                    $"expected a masked language model, the generator, but {config.ModelType} has none. Get the checkpoint anew, or remove "
                        + "the folder: a new generator is then made.");
            var network = architecture.Load(ModelHead.MaskedLanguageModel, config, weights, out var report);
            if (report.MissingKeys.Count == 0)
                return (MaskedLanguageModel)network;
            network.Dispose();
            throw new ModelFormatException(name,
                $"expected a whole masked language model, the generator, found one without {LoadWarnings.Names(report.MissingKeys)}. "
                    + "Get the checkpoint anew, or remove the folder: a new generator is then made.");
        });

    /// <summary>Reads its configuration.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="source">What messages call the model.</param>
    /// <returns>The configuration; null where there is no generator.</returns>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public static ModelConfig? ReadConfig(IReadOnlyList<IHeldFile> files, string source) =>
        With([.. files.Where(file => file.Name == NameOf(ModelFiles.Config))], source, static (directory, name) =>
            ModelArchitecture.ReadConfig(File.ReadAllBytes(Path.Combine(directory, ModelFiles.Config)), $"{name}/{ModelFiles.Config}"));

    // The directory may be gone by now; its files are held open.
    private static T? With<T>(IReadOnlyList<IHeldFile> files, string source, Func<string, string, T> read)
        where T : class
    {
        if (!files.Any(file => file.Name == NameOf(ModelFiles.Config)))
            return null;
        var directory = Directory.CreateTempSubdirectory("mlnetbert-generator-").FullName;
        try
        {
            foreach (var file in files.Where(file => file.Name.StartsWith(NameOf(""), StringComparison.Ordinal)))
                file.CopyTo(directory);
            return read(Path.Combine(directory, ModelFiles.GeneratorFolder), $"{source}/{ModelFiles.GeneratorFolder}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string NameOf(string file) => $"{ModelFiles.GeneratorFolder}/{file}";
}
