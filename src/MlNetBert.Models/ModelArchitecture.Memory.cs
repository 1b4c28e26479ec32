using MlNetBert.Models.Layers;

namespace MlNetBert.Models;

// What layers keep in memory, of which architectures make up their footprints.
public abstract partial class ModelArchitecture
{
    /// <summary>Bytes of a number of what products take and give.</summary>
    protected static int ProductBytes(ComputePrecision precision) => precision == ComputePrecision.BFloat16 ? 2 : sizeof(float);

    /// <summary>Bytes of a dropout mask's element.</summary>
    protected static int MaskBytes(ComputePrecision precision) => precision == ComputePrecision.BFloat16 ? 2 : 1;

    /// <summary>
    /// Bytes that attention keeps of a token for its backward pass beside queries, keys, values and its result: none where it is fused,
    /// else weights, and with dropout dropped weights and a mask.
    /// </summary>
    protected static double AttentionBytes(ModelConfig config, int sequence, double dropout, ComputePrecision precision) =>
        dropout == 0 && precision == ComputePrecision.Float32 ? 0 : UnfusedAttentionBytes(config, sequence, dropout, precision);

    /// <summary>The same with kernels between products: weights, or nothing where they are not kept.</summary>
    protected static double KeptAttentionBytes(ModelConfig config, int sequence, double dropout, ComputePrecision precision) =>
        Attention.KeepsScores(sequence, dropout, precision) ? (double)config.HeadCount * sequence * ProductBytes(precision) : 0;

    /// <summary>The same where attention is never fused, because something in its scores learns beside queries and keys.</summary>
    private protected static double UnfusedAttentionBytes(ModelConfig config, int sequence, double dropout, ComputePrecision precision) =>
        (double)config.HeadCount * sequence
            * (dropout > 0 ? (2 * ProductBytes(precision)) + MaskBytes(precision) : ProductBytes(precision));

    /// <summary>Bytes that a layer of BERT's shape keeps of a token beside those of attention, without kernels.</summary>
    private protected static double LayerBytes(BertLayerShape shape, ComputePrecision precision)
    {
        var (hidden, inner, product) = ((long)shape.HiddenSize, (long)shape.InnerSize, ProductBytes(precision));
        var masks = new[] { shape.HiddenDropout, shape.OutputDropout }.Count(probability => probability > 0)
            * hidden * MaskBytes(precision);
        var innerMask = shape.InnerDropout > 0 ? inner * (product + MaskBytes(precision)) : 0;
        return (5 * hidden * sizeof(float)) + (6 * hidden * product) + (2 * inner * product) + masks + innerMask;
    }

    /// <summary>
    /// Bytes that a layer of BERT's shape keeps of a token, attention's among them, and how many of them it took: with kernels where it has
    /// them.
    /// </summary>
    private protected static (double Kept, double Input) EncoderLayerBytes(
        ModelConfig config, BertLayerShape shape, int sequence, ComputePrecision precision)
    {
        var (hidden, inner, product) = ((long)shape.HiddenSize, (long)shape.InnerSize, ProductBytes(precision));
        return shape.HasKernels
            ? ((8 * hidden * product) + (2 * inner * product) + KeptAttentionBytes(config, sequence, shape.AttentionDropout, precision),
                hidden * product)
            : (LayerBytes(shape, precision) + AttentionBytes(config, sequence, shape.AttentionDropout, precision),
                hidden * sizeof(float));
    }
}
