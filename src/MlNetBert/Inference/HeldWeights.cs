using MlNetBert.Conversion;
using MlNetBert.HuggingFace;

namespace MlNetBert.Inference;

/// <summary>Weights of a pickle, which are held open and written as model.safetensors: no pickle is ever written or copied.</summary>
internal sealed class HeldWeights(ICheckpointWeights weights) : IHeldFile
{
    public string Name => ModelFiles.Weights;

    public void CopyTo(string directory) => WeightsCopy.Write(weights, Path.Combine(directory, Name));

    public void Dispose() => weights.Dispose();
}
