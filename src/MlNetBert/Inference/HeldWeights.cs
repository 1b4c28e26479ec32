using MlNetBert.Conversion;
using MlNetBert.HuggingFace;

namespace MlNetBert.Inference;

/// <summary>Weights of a pickle, which are held open and written as model.safetensors: no pickle is ever written or copied.</summary>
internal sealed class HeldWeights : IHeldFile
{
    private readonly ICheckpointWeights _weights;

    private HeldWeights(string name, ICheckpointWeights weights)
    {
        Name = name;
        _weights = weights;
    }

    public string Name { get; }

    /// <summary>Holds the weights of a directory, or of a folder below it.</summary>
    public static HeldWeights Open(string directory, string folder) =>
        new(NameIn(folder), WeightFiles.In(Path.Combine(directory, folder))!.Open(Path.Combine(directory, folder)));

    /// <summary>Writes them beside the pickle, into a directory that is ours.</summary>
    public static void Write(string directory, string folder)
    {
        using var held = Open(directory, folder);
        held.CopyTo(directory);
    }

    public void CopyTo(string directory, CancellationToken cancellationToken = default)
    {
        var path = Path.Combine(directory, Name.Replace('/', Path.DirectorySeparatorChar));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WeightsCopy.Write(_weights, path, cancellationToken: cancellationToken);
    }

    public void Dispose() => _weights.Dispose();

    private static string NameIn(string folder) => folder.Length == 0 ? ModelFiles.Weights : $"{folder}/{ModelFiles.Weights}";
}
