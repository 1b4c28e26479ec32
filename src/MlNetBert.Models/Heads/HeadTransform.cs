using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>What precedes a head's last linear layer: hidden states to hidden states of the same shape.</summary>
/// <param name="name">The module's name.</param>
[Experimental("MLNETBERT001")]
public abstract class HeadTransform(string name) : nn.Module(name)
{
    /// <summary>Runs it.</summary>
    /// <param name="hidden">[…, hidden].</param>
    /// <param name="pass">The pass.</param>
    /// <returns>[…, hidden], float32, in the caller's dispose scope.</returns>
    public abstract Tensor Forward(Tensor hidden, ForwardPass pass);

    /// <summary>Its weights under the names Hugging Face gives them.</summary>
    /// <returns>The weights.</returns>
    public abstract IEnumerable<ModelWeight> Weights();
}
