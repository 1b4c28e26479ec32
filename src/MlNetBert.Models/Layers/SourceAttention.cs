using MlNetBert.Models.Generation;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>What the layers of a decoder have in common in a pass where they attend to an encoder.</summary>
/// <param name="Hidden">The encoder's hidden states [batch, source, hidden].</param>
/// <param name="Mask">What is added to scores [batch, 1, 1, source]; null for nothing.</param>
/// <param name="Cache">The layers' keys and values; null computes them.</param>
internal sealed record SourceAttention(Tensor Hidden, Tensor? Mask, SourceCache? Cache)
{
    /// <summary>The tensors, for the layers that are run again in the backward pass.</summary>
    public IReadOnlyList<Tensor> Needed => Mask is null ? [Hidden] : [Hidden, Mask];

    /// <summary>Says what a pass needs, in the caller's dispose scope.</summary>
    /// <param name="states">What the encoder gives.</param>
    /// <param name="share">Cuts the graph of a tensor off in front of layers that are run again.</param>
    /// <param name="type">The type of scores.</param>
    /// <exception cref="ArgumentException">The mask does not fit.</exception>
    public static SourceAttention Of(EncoderStates states, Func<Tensor, Tensor> share, ScalarType type)
    {
        if (states.AttentionMask is { } mask && !mask.shape.SequenceEqual(states.Hidden.shape[..2]))
            throw new ArgumentException(
                $"The attention mask of the encoder's states must be [{states.Hidden.shape[0]}, {states.Hidden.shape[1]}], found "
                    + $"[{string.Join(", ", mask.shape)}].", nameof(states));
        // Every layer makes keys and values of it: their gradients add up in front of the encoder.
        return new(share(states.Hidden.alias()), AttentionMask.FromPadding(states.AttentionMask, type), states.Cache);
    }
}
