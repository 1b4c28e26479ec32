using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>What an encoder gives. Disposing of it disposes of its tensors.</summary>
/// <param name="LastHiddenState">The last layer's hidden states [batch, sequence, hidden], float32.</param>
/// <param name="HiddenStates">The embeddings' output and every layer's, in Hugging Face's order, each [batch, sequence, hidden]; empty
/// unless they were asked for.</param>
/// <param name="PoolerOutput">The pooler's output [batch, hidden]; null for a model without a pooler.</param>
[Experimental("MLNETBERT001")]
public sealed record BackboneOutput(Tensor LastHiddenState, IReadOnlyList<Tensor> HiddenStates, Tensor? PoolerOutput) : IDisposable
{
    /// <summary>Disposes of every tensor.</summary>
    public void Dispose()
    {
        LastHiddenState.Dispose();
        PoolerOutput?.Dispose();
        foreach (var hidden in HiddenStates)
            hidden.Dispose();
    }

    internal BackboneOutput MoveToOuterScope()
    {
        LastHiddenState.MoveToOuterDisposeScope();
        PoolerOutput?.MoveToOuterDisposeScope();
        foreach (var hidden in HiddenStates)
            hidden.MoveToOuterDisposeScope();
        return this;
    }
}
