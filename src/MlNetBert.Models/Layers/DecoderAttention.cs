using MlNetBert.Models.Generation;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// What the attention of a decoder's layers has in common in a pass: which positions see which, where they are counted from, and the
/// cache. Positions see themselves and those before, in a window at most; or, where a pass asks for it, both directions.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class DecoderAttention
{
    private readonly KeyValueCache? _cache;
    private readonly bool _isTriangle;

    private DecoderAttention(KeyValueCache? cache, bool isTriangle, Tensor? mask, Tensor positions, Unpadding? unpadding) =>
        (_cache, _isTriangle, Mask, Positions, Unpadding) = (cache, isTriangle, mask, positions, unpadding);

    /// <summary>What is added to scores [batch or 1, 1 or heads, sequence or 1, keys]; null where <see cref="Forward"/> needs
    /// none.</summary>
    public Tensor? Mask { get; }

    /// <summary>
    /// The place of each token [batch or 1, sequence], int64: as given, else counted from 0; of a padded batch padding is not counted,
    /// whichever side it is on.
    /// </summary>
    public Tensor Positions { get; }

    /// <summary>How padding is taken out of what the layers take; null where there is little, or behind a cache.</summary>
    public Unpadding? Unpadding { get; }

    /// <summary>The tensors, for the layers that are run again in the backward pass.</summary>
    public IReadOnlyList<Tensor> Needed => Mask is null ? [Positions] : [Mask, Positions];

    /// <summary>Says what a pass needs, in the caller's dispose scope.</summary>
    /// <param name="inputs">The batch, with the cache of earlier positions.</param>
    /// <param name="window">How many positions a query sees, its own included; null for all.</param>
    /// <param name="type">The type of scores.</param>
    /// <param name="bias">Gives what else is added to scores [batch or 1, heads, 1, keys], in their type, by the places of the keys
    /// [batch or 1, keys]; null for nothing.</param>
    public static DecoderAttention Of(ModelInputs inputs, int? window, ScalarType type, Func<Tensor, Tensor>? bias = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var scope = NewDisposeScope();
        var (device, sequence) = (inputs.Ids.device, inputs.Ids.shape[1]);
        var (seen, held) = (inputs.Cache?.Length ?? 0, inputs.Cache?.Held ?? 0);
        var isCausal = inputs.Causal ?? true;
        var padding = AttentionMask.PaddingOf(inputs.AttentionMask);                         // [batch, seen + sequence]
        var places = Count(padding, seen + sequence, device);                                // [batch or 1, seen + sequence]
        var positions = inputs.PositionIds?.alias() ?? places.narrow(1, seen, sequence);
        var keys = held + sequence;
        var fits = window is null || window >= keys;
        var isTriangle = isCausal && sequence > 1 && held == 0 && padding is null && fits && bias is null;
        Tensor? mask = null;
        if (!isTriangle && (padding is not null || !fits || (isCausal && sequence > 1)))
            mask = AttentionMask.Of(padding?.narrow(1, seen - held, keys), sequence, keys, isCausal, window, device, type);
        if (bias?.Invoke(places.narrow(1, seen - held, keys)) is { } added)
            mask = mask is null ? added : added.Plus(mask);                                  // [batch or 1, heads, sequence or 1, keys]
        var unpadding = padding is null || seen > 0 ? null : Unpadding.Of(inputs.AttentionMask);
        unpadding?.Index.MoveToOuterDisposeScope();
        return new DecoderAttention(
            inputs.Cache, isTriangle, mask?.MoveToOuterDisposeScope(), positions.MoveToOuterDisposeScope(), unpadding);
    }

    /// <summary>The same with another mask, such as one whose graph is cut off in front of the layers.</summary>
    internal DecoderAttention WithMask(Func<Tensor, Tensor> change) =>
        Mask is null ? this : new DecoderAttention(_cache, _isTriangle, change(Mask), Positions, Unpadding);

    /// <summary>Attention of a layer, over the positions of the cache as well.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="query">[batch, heads, sequence, width].</param>
    /// <param name="key">[batch, heads or a divisor of them, sequence, width]: several heads of queries share one.</param>
    /// <param name="value">As the keys.</param>
    /// <param name="dropout">The probability of dropout of attention weights, in [0, 1).</param>
    /// <param name="pass">The pass.</param>
    /// <returns>[batch, sequence, heads · width], unpadded [tokens, heads · width].</returns>
    public Tensor Forward(int layer, Tensor query, Tensor key, Tensor value, double dropout, ForwardPass pass)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        using var scope = NewDisposeScope();
        if (_cache is not null)
            (key, value) = _cache.Append(layer, key, value);
        var (batch, heads, sequence, width) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3]);
        var groups = key.shape[1];
        if (sequence > 1 || groups == heads || pass.Unpadding is not null)
            return Attention.Forward(query, Repeat(key, heads), Repeat(value, heads), Mask, dropout, pass, _isTriangle)
                .MoveToOuterDisposeScope();
        // The heads that share a key take the place of positions: nothing is copied for each of them.
        var mask = Mask?.shape[1] == heads ? Mask.view(-1, groups, heads / groups, key.shape[2]) : Mask;
        var context = Attention.Forward(query.reshape(batch, groups, heads / groups, width), key, value, mask, dropout, pass);
        return context.view(batch, heads / groups, groups, width).transpose(1, 2).reshape(batch, 1, heads * width)
            .MoveToOuterDisposeScope();
    }

    // [batch, groups, keys, width] → [batch, heads, keys, width]
    private static Tensor Repeat(Tensor grouped, long heads)
    {
        var (batch, groups, keys, width) = (grouped.shape[0], grouped.shape[1], grouped.shape[2], grouped.shape[3]);
        return groups == heads
            ? grouped
            : grouped.unsqueeze(2).expand(batch, groups, heads / groups, keys, width).reshape(batch, heads, keys, width);
    }

    // Padding in front of a text takes no place.
    private static Tensor Count(Tensor? padding, long count, Device device)
    {
        if (padding is null)
            return TensorArithmetic.Range(count, device).unsqueeze(0);                       // [1, count]
        return padding.logical_not().to(ScalarType.Int64).cumsum(1).Plus(-1).AtLeast(0).to(ScalarType.Int64);
    }
}
