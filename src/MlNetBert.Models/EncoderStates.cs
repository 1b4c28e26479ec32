using MlNetBert.Models.Generation;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>What an encoder gives to the decoder of a text-to-text model. Whoever made the tensors disposes of them.</summary>
/// <param name="hidden">The encoder's last hidden states [batch, source, hidden].</param>
/// <param name="attentionMask">[batch, source]: not 0 = attend, 0 = padding; null attends to all.</param>
[Experimental("MLNETBERT001")]
public sealed class EncoderStates(Tensor hidden, Tensor? attentionMask = null)
{
    /// <summary>The encoder's last hidden states [batch, source, hidden].</summary>
    public Tensor Hidden { get; } = hidden ?? throw new ArgumentNullException(nameof(hidden));

    /// <summary>[batch, source]: not 0 = attend; null attends to all.</summary>
    public Tensor? AttentionMask { get; } = attentionMask;

    /// <summary>Where the decoder's layers keep the keys and values that they make of the hidden states; null computes them in every
    /// pass.</summary>
    /// <value>Default: null.</value>
    public SourceCache? Cache { get; init; }
}
