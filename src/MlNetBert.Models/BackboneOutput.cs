using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>What an encoder gives. Disposing of it disposes of its tensors.</summary>
/// <param name="LastHiddenState">The last layer's hidden states [batch, sequence, hidden], float32.</param>
/// <param name="HiddenStates">The embeddings' output and every layer's, in Hugging Face's order, each [batch, sequence, hidden]; empty
/// unless they were asked for.</param>
[Experimental("MLNETBERT001")]
public sealed record BackboneOutput(Tensor LastHiddenState, IReadOnlyList<Tensor> HiddenStates) : IDisposable
{
    /// <summary>Disposes of every tensor.</summary>
    public void Dispose()
    {
        LastHiddenState.Dispose();
        foreach (var hidden in HiddenStates)
            hidden.Dispose();
    }

    /// <summary>Moves every tensor to the dispose scope around the current one.</summary>
    /// <returns>The same output.</returns>
    public BackboneOutput MoveToOuterScope()
    {
        LastHiddenState.MoveToOuterDisposeScope();
        foreach (var hidden in HiddenStates)
            hidden.MoveToOuterDisposeScope();
        return this;
    }
}
