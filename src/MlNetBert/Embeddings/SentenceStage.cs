using static TorchSharp.torch;

namespace MlNetBert.Embeddings;

/// <summary>What a sentence-transformers directory does with a pooled vector.</summary>
internal abstract class SentenceStage
{
    /// <summary>Scales vectors to length 1.</summary>
    public static SentenceStage Normalize { get; } = new Normalization();

    /// <summary>The values that it takes; null for any number.</summary>
    public virtual int? Inputs => null;

    /// <summary>The values that it gives of a number that it takes.</summary>
    public virtual int OutputsOf(int inputs) => inputs;

    /// <summary>[batch, inputs] → [batch, outputs], float32, in the caller's dispose scope.</summary>
    public abstract Tensor Apply(Tensor vectors);

    private sealed class Normalization : SentenceStage
    {
        public override Tensor Apply(Tensor vectors) => nn.functional.normalize(vectors, 2, 1);
    }
}
