using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Takes padding out of a batch: layers then work on its tokens alone, [tokens, width], and only attention, which needs rows of one length,
/// sees the padded batch (Portes et al. 2023, arXiv:2312.17482). Texts in batches as they come are often half padding.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class Unpadding
{
    /// <summary>Padding that is worth taking out: below it, gathering and scattering in each layer costs more.</summary>
    private const double LeastShare = 0.1;

    private readonly long _batch;
    private readonly long _sequence;

    private Unpadding(Tensor index, long batch, long sequence) => (Index, _batch, _sequence) = (index, batch, sequence);

    /// <summary>Where the tokens lie in batch · sequence: [tokens].</summary>
    internal Tensor Index { get; }

    /// <summary>
    /// How to unpad a batch, in the caller's dispose scope; null where there is little padding, and on a GPU, where looking would make the
    /// host wait.
    /// </summary>
    /// <param name="mask">[batch, sequence]: 0 = padding; null for none.</param>
    public static Unpadding? Of(Tensor? mask)
    {
        if (mask is null || mask.device_type != DeviceType.CPU)
            return null;
        using var scope = NewDisposeScope();
        var index = mask.flatten().nonzero().flatten();                                      // [tokens]
        return index.shape[0] > (1 - LeastShare) * mask.NumberOfElements
            ? null
            : new Unpadding(index.MoveToOuterDisposeScope(), mask.shape[0], mask.shape[1]);
    }

    /// <summary>[batch, sequence, width] → [tokens, width].</summary>
    internal Tensor Take(Tensor padded)
    {
        using var rows = padded.view(_batch * _sequence, -1);
        return rows.index_select(0, Index);
    }

    /// <summary>[tokens, width] → [batch, sequence, width], 0 where padding is.</summary>
    internal Tensor Put(Tensor tokens)
    {
        using var rows = zeros(_batch * _sequence, tokens.shape[1], tokens.dtype, tokens.device);
        using var same = rows.index_copy_(0, Index, tokens);
        return rows.view(_batch, _sequence, -1);
    }
}
