namespace MlNetBert.Models;

/// <summary>What a model takes of memory in training, told from its shape without making it.</summary>
/// <param name="EmbeddingWeights">Weights that are looked up by a token's id or place: no product uses them, but for a tied
/// decoder; of causal models a decoder of its own, too.</param>
/// <param name="LayerWeights">Weights of one layer's matrices; norms and biases are too few to count.</param>
/// <param name="LayerBytes">What one layer keeps of a token for the backward pass in this library's training loops, in bytes.</param>
/// <param name="LayerInputBytes">The part of it that the layer took, which is all that activation checkpointing keeps.</param>
[Experimental("MLNETBERT001")]
public sealed record ModelFootprint(long EmbeddingWeights, long LayerWeights, double LayerBytes, double LayerInputBytes)
{
    /// <summary>
    /// What a pass holds of the square of a sequence beside its tokens, in bytes: the mask of local attention while it is made.
    /// </summary>
    /// <value>Default 0.</value>
    public double SequenceBytes { get; init; }

    /// <summary>
    /// Of a text-to-text model what a layer of its decoder takes, of a token of the target; the other values are then those of the encoder,
    /// and of a token of the source.
    /// </summary>
    /// <value>Default: null.</value>
    public ModelFootprint? Decoder { get; init; }

    /// <summary>Whether each token to predict goes through the layers once more, as a query beside its sequence.</summary>
    /// <value>Default false.</value>
    public bool QueriesTargets { get; init; }

    /// <summary>
    /// What each text holds of the square of its length while it is read without training, in bytes, where attention is not fused or has a
    /// bias for each pair.
    /// </summary>
    /// <value>Default 0.</value>
    public double ReadingBytes { get; init; }

    /// <summary>What each sequence with padding holds of its square besides, in bytes.</summary>
    /// <value>Default 0.</value>
    public double PaddedSequenceBytes { get; init; }
}
