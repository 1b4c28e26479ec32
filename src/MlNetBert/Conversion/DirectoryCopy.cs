using System.Text;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Inference;
using MlNetBert.Models;

namespace MlNetBert.Conversion;

/// <summary>
/// Copies the files of a model directory, its weights in another type where one is asked for, and as safetensors where they are pickled.
/// Heads that this project does not know are copied with the rest.
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
        var files = WeightFiles.In(from)!;
        var isWritten = dtype is not null || files.ArePickled;
        foreach (var name in SharedModelReader.FilesOf(from).Where(name => !(isWritten && files.All.Contains(name))
            && !ModelFiles.Generator.Contains(name, StringComparer.Ordinal)
            && !(options.ChangesTokenizer && SharedModelReader.IsTokenizerFile(name))))
        {
            var target = Path.Combine(to, name.Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (dtype is { } changed && name == ModelFiles.Config)
                File.WriteAllText(target, (config with { Dtype = Weights.NameOf(changed) }).ToJsonString(), new UTF8Encoding(false));
            else
                Copy(directory.FilePath(name), target, cancellationToken);
        }

        foreach (var folder in SharedModelReader.PickledFoldersOf(from).Where(folder => folder.Length > 0))
            HeldWeights.Write(from, folder, to, cancellationToken);

        if (options.ChangesTokenizer)
            SubwordTokenizer.FromDirectory(from, options.InvalidText, options.TokenizerPrecedence).Save(to);
        if (isWritten)
            WeightsCopy.Write(weights, Path.Combine(to, ModelFiles.Weights), dtype, cancellationToken);
        if (File.Exists(Path.Combine(from, ModelFiles.GeneratorFolder, ModelFiles.Config)))
            WriteGenerator(from, to, dtype, options, cancellationToken);
    }

    // Its vocabulary is the model's; a generator from elsewhere may have no tokenizer of its own.
    private static void WriteGenerator(
        string from, string to, SafetensorsDtype? dtype, PretrainedModelOptions options, CancellationToken cancellationToken)
    {
        var (source, target) = (Path.Combine(from, ModelFiles.GeneratorFolder), Path.Combine(to, ModelFiles.GeneratorFolder));
        Directory.CreateDirectory(target);
        Write(source, target, dtype, PretrainedModelOptions.Default, cancellationToken);
        if (!options.ChangesTokenizer)
            return;
        foreach (var name in ModelFiles.TokenizerFiles)
            File.Delete(Path.Combine(target, name));
        foreach (var name in ModelFiles.TokenizerFiles.Where(name => File.Exists(Path.Combine(to, name))))
            File.Copy(Path.Combine(to, name), Path.Combine(target, name));
    }

    private static void Copy(string from, string to, CancellationToken cancellationToken)
    {
        using var source = File.OpenRead(from);
        using var target = new FileStream(to, FileMode.CreateNew);
        WeightsCopy.Copy(source, target, cancellationToken);
    }
}
