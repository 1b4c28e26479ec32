using MlNetBert.Models.Generation;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>What a forward pass of a <see cref="Backbone"/> takes. Whoever made the tensors disposes of them.</summary>
/// <param name="ids">Token ids [batch, sequence], int64, each below the configuration's vocabulary size.</param>
/// <param name="attentionMask">[batch, sequence]: not 0 = attend, 0 = padding, whose hidden states mean nothing (zeros, or what the layers
/// make of padding); null attends to all.</param>
/// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero. An architecture without segments takes null
/// only.</param>
[Experimental("MLNETBERT001")]
public sealed class ModelInputs(Tensor ids, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
{
    /// <summary>Token ids [batch, sequence], int64.</summary>
    public Tensor Ids { get; } = ids ?? throw new ArgumentNullException(nameof(ids));

    /// <summary>[batch, sequence]: not 0 = attend; null attends to all.</summary>
    public Tensor? AttentionMask { get; } = attentionMask;

    /// <summary>Segment ids [batch, sequence], int64; null is all zero.</summary>
    public Tensor? TokenTypeIds { get; } = tokenTypeIds;

    /// <summary>The place of each token [batch, sequence], int64; null counts from 0. An architecture may take null only.</summary>
    /// <value>Default: null.</value>
    public Tensor? PositionIds { get; init; }

    /// <summary>
    /// Whether a position attends to itself and those before it only; null is what the architecture was made for. An encoder takes null or
    /// false.
    /// </summary>
    /// <value>Default: null.</value>
    public bool? Causal { get; init; }

    /// <summary>
    /// The keys and values of the positions before <see cref="Ids"/>, to which the pass adds its own; the attention mask then covers all
    /// of them [batch, before + sequence]. A decoder without gradients takes it only.
    /// </summary>
    /// <value>Default: null.</value>
    public KeyValueCache? Cache { get; init; }

    /// <summary>
    /// What the decoder of a text-to-text model attends to beside its own positions; other backbones take none.
    /// </summary>
    /// <value>Default: null.</value>
    public EncoderStates? Encoded { get; init; }

    /// <summary>
    /// Whether the pass is compared with transformers' eager attention, as references are, where that differs from the default.
    /// </summary>
    internal bool IsReference { get; init; }
}
