using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>BERT's pooler: a dense layer and tanh over the first position.</summary>
internal static class FirstPosition
{
    /// <summary>[batch, sequence, hidden] → [batch, hidden], float32; null without a pooler.</summary>
    /// <param name="pooler">The dense layer; null for none.</param>
    /// <param name="hidden">The last hidden states.</param>
    /// <param name="pass">The pass.</param>
    public static Tensor? Pool(Dense? pooler, Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return pooler?.Forward(hidden.select(1, 0), pass).to(ScalarType.Float32).tanh().MoveToOuterDisposeScope();
    }
}
