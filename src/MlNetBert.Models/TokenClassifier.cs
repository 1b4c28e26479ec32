using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>An encoder with a classifier at every position: named entities, parts of speech.</summary>
[Experimental("MLNETBERT001")]
public abstract class TokenClassifier : ModelWithHead
{
    private protected TokenClassifier(string name, Backbone encoder)
        : base(name, encoder)
    {
    }

    /// <summary>Scores of the labels at every position.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>Logits [batch, sequence, labels], float32.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public Tensor forward(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var scope = NewDisposeScope();
        return Head(Backbone.forward(inputIds, attentionMask, tokenTypeIds).LastHiddenState).MoveToOuterDisposeScope();
    }

    /// <summary>The head alone.</summary>
    /// <param name="hidden">Hidden states [batch, sequence, hidden].</param>
    /// <returns>Logits [batch, sequence, labels], float32.</returns>
    public Tensor Head(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return Classify(hidden, NewPass());
    }

    /// <summary>Mean cross entropy over the positions whose label is not −100 (padding, all but a word's first piece).</summary>
    /// <param name="logits">[batch, sequence, labels].</param>
    /// <param name="labels">Class ids [batch, sequence], int64.</param>
    /// <returns>A scalar in nats.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels) => Losses.Classification(logits, labels);

    private protected abstract Tensor Classify(Tensor hidden, ForwardPass pass);
}
