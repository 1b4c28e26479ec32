using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Scaled dot-product attention.</summary>
[Experimental("MLNETBERT001")]
public static class Attention
{
    // Beyond these lengths the score matrix costs more memory than the fused kernel costs time, which in bfloat16 is much.
    private const long LongestScores = 1024;
    private const long LongestWideScores = 256;

    /// <summary>
    /// Queries, keys and values beside each other: [batch, sequence, hidden] → [batch, sequence, 3 · hidden]. The keys' bias takes no
    /// gradient.
    /// </summary>
    /// <param name="hidden">Hidden states.</param>
    /// <param name="queryKeyValue">The projection with a bias, the queries' rows first.</param>
    /// <param name="pass">The pass.</param>
    internal static Tensor Project(Tensor hidden, Dense queryKeyValue, ForwardPass pass)
    {
        using var bias = BiasOf(queryKeyValue, parts: 3, key: 1);
        return Dense.Apply(hidden, queryKeyValue.Matrix, bias, pass);
    }

    // A key's bias adds the same to all scores of a query, and softmax takes it away: its gradient is zero. Computed, it would be rounding
    // errors, which AdamW scales up to steps; so it is left out.
    /// <summary>The bias of projections that lie in one layer, whose keys' part takes no gradient; null without.</summary>
    /// <param name="projections">The layer.</param>
    /// <param name="parts">How many projections there are.</param>
    /// <param name="key">Which of them the keys' is.</param>
    internal static Tensor? BiasOf(Dense projections, int parts, int key)
    {
        if (projections.Offset is not { } bias)
            return null;
        if (!is_grad_enabled() || !bias.requires_grad)
            return bias.alias();
        using var scope = NewDisposeScope();
        var ofParts = bias.chunk(parts);
        ofParts[key] = ofParts[key].detach();
        return cat(ofParts).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// [batch, sequence, 3 · heads · width], unpadded [tokens, 3 · heads · width] → [3, batch, heads, sequence, width]: queries, keys,
    /// values. On the CPU one copy, which makes every product after it faster; a GPU's kernels take them where they lie.
    /// </summary>
    /// <param name="queryKeyValue">What one projection gave, queries first.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="pass">The pass.</param>
    public static Tensor Split(Tensor queryKeyValue, int heads, ForwardPass pass)
    {
        using var padded = pass.Unpadding?.Put(queryKeyValue) ?? queryKeyValue.alias();      // [batch, sequence, 3 · heads · width]
        using var view = padded.view(padded.shape[0], padded.shape[1], 3, heads, -1);
        using var permuted = view.permute(2, 0, 3, 1, 4);
        return permuted.device_type == DeviceType.CPU ? permuted.contiguous() : permuted.alias();
    }

    /// <summary>
    /// As <see cref="Split"/>, a tensor each: 3 × [batch, heads, sequence, width]. On a GPU their gradients are then put together in one
    /// pass, in the order that the projection's product takes.
    /// </summary>
    internal static Tensor[] SplitApart(Tensor queryKeyValue, int heads, ForwardPass pass)
    {
        if (queryKeyValue.device_type == DeviceType.CPU)
        {
            using var parts = Split(queryKeyValue, heads, pass);
            return parts.unbind(0);
        }

        return Array.ConvertAll(queryKeyValue.chunk(3, -1), part =>
        {
            using (part)
            using (var view = part.view(part.shape[0], part.shape[1], heads, -1))
                return view.transpose(1, 2);
        });
    }

    /// <summary>
    /// Whether attention in training on a processor goes through <see cref="KeptAttention"/>, which keeps its weights, instead of
    /// libtorch's fused kernel, which has no dropout.
    /// </summary>
    internal static bool KeepsScores(long sequence, double dropout, ComputePrecision precision) =>
        dropout > 0 || sequence <= (precision == ComputePrecision.Float32 ? LongestWideScores : LongestScores);

    /// <summary>
    /// softmax(q·kᵀ / √width + mask)·v over heads: [batch, heads, sequence, width] each → [batch, sequence, heads · width], unpadded
    /// [tokens, heads · width].
    /// </summary>
    /// <param name="query">The queries.</param>
    /// <param name="key">The keys.</param>
    /// <param name="value">The values.</param>
    /// <param name="mask">Added to the scores, broadcast over heads; null for nothing.</param>
    /// <param name="dropout">The probability of dropout of attention weights, in [0, 1).</param>
    /// <param name="pass">The pass.</param>
    /// <param name="isCausal">Whether later positions are hidden; then there is no mask, and as many queries as keys.</param>
    public static Tensor Forward(
        Tensor query, Tensor key, Tensor value, Tensor? mask, double dropout, ForwardPass pass, bool isCausal = false)
    {
        using var scope = NewDisposeScope();
        var (sequence, width) = (query.shape[2], query.shape[3]);
        var masks = dropout > 0 ? pass.Dropout : null;
        Tensor context;
        if (query.device_type != DeviceType.CPU)
        {
            masks?.SeedDevice();
            context = nn.functional.scaled_dot_product_attention(query, key, value, mask, masks is null ? 0 : dropout, isCausal);
        }
        else if (masks is null && mask?.requires_grad != true && (query.dtype == ScalarType.Float32 || sequence > LongestScores))
        {
            context = nn.functional.scaled_dot_product_attention(query, key, value, mask, 0, isCausal);
        }
        else
        {
            // On the CPU the fused kernel has neither dropout nor a gradient of the mask, and in bfloat16 its backward pass takes five
            // times as long as these products.
            // Scaled in place, the scores are all that the product leaves: no scaled copy of the queries is kept for the backward pass.
            var scores = matmul(query, key.transpose(2, 3));                                 // [batch, heads, sequence, sequence]
            scores.MultiplyBy(1 / Math.Sqrt(width));
            if (isCausal)
                mask = AttentionMask.Of(null, sequence, sequence, isCausal, window: null, scores.device, scores.dtype);
            return OfScores(scores, value, mask, dropout, pass).MoveToOuterDisposeScope();
        }

        return Join(context, pass).MoveToOuterDisposeScope();
    }

    /// <summary>softmax(scores + mask)·v over heads, as <see cref="Forward"/>.</summary>
    /// <param name="scores">[batch, heads, sequence, sequence], scaled.</param>
    /// <param name="value">The values [batch, heads, sequence, width].</param>
    /// <param name="mask">Added to the scores, broadcast over heads; null for nothing.</param>
    /// <param name="dropout">The probability of dropout of attention weights, in [0, 1).</param>
    /// <param name="pass">The pass.</param>
    internal static Tensor OfScores(Tensor scores, Tensor value, Tensor? mask, double dropout, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var masks = dropout > 0 ? pass.Dropout : null;
        var weights = nn.functional.softmax(mask is null ? scores : scores.Plus(mask), -1);
        if (masks is null || weights.device_type != DeviceType.CPU)
            return Join(matmul(masks?.Apply(weights, dropout) ?? weights, value), pass).MoveToOuterDisposeScope();
        var context = matmul(masks.Drop(weights, dropout), value);
        context.MultiplyBy(MaskGenerator.Scale(dropout)); // fewer numbers than the weights are
        return Join(context, pass).MoveToOuterDisposeScope();
    }

    // [batch, heads, sequence, width] → [batch, sequence, heads · width], unpadded [tokens, heads · width].
    private static Tensor Join(Tensor context, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var joined = context.transpose(1, 2).reshape(context.shape[0], context.shape[2], -1);
        return (pass.Unpadding?.Take(joined) ?? joined).MoveToOuterDisposeScope();
    }
}
