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
    public static HeldWeights Open(string directory, string folder)
    {
        var path = Path.Combine(directory, folder);
        return new HeldWeights(
            folder.Length == 0 ? ModelFiles.Weights : $"{folder}/{ModelFiles.Weights}", WeightFiles.In(path)!.Open(path));
    }

    /// <summary>Writes those of a directory, or of a folder below it, to the same place in another directory or this one.</summary>
    public static void Write(string from, string folder, string to, CancellationToken cancellationToken = default)
    {
        using var held = Open(from, folder);
        held.Write(to, cancellationToken);
    }

    public void CopyTo(string directory) => Write(directory, CancellationToken.None);

    public void Dispose() => _weights.Dispose();

    private void Write(string directory, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, Name.Replace('/', Path.DirectorySeparatorChar));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WeightsCopy.Write(_weights, path, cancellationToken: cancellationToken);
    }
}
