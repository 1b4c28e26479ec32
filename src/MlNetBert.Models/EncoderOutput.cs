using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>What an encoder gives. Disposing of it disposes of its tensors.</summary>
/// <param name="LastHidden">The last layer's hidden states [batch, sequence, hidden], float32.</param>
/// <param name="HiddenStates">The embeddings' output and every layer's, in Hugging Face's order, each [batch, sequence, hidden]; empty
/// unless they were asked for.</param>
/// <param name="Pooled">The pooler's output [batch, hidden]; null for a model without a pooler.</param>
public sealed record EncoderOutput(Tensor LastHidden, IReadOnlyList<Tensor> HiddenStates, Tensor? Pooled) : IDisposable
{
    /// <summary>Disposes of every tensor.</summary>
    public void Dispose()
    {
        LastHidden.Dispose();
        Pooled?.Dispose();
        foreach (var hidden in HiddenStates)
            hidden.Dispose();
    }

    internal EncoderOutput MoveToOuterScope()
    {
        LastHidden.MoveToOuterDisposeScope();
        Pooled?.MoveToOuterDisposeScope();
        foreach (var hidden in HiddenStates)
            hidden.MoveToOuterDisposeScope();
        return this;
    }
}
