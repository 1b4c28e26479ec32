using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// What a GPU's fast products want of a weight: rows of whole tiles. Products with BERT's 30,522 words take a third of the time with 38
/// rows of zeros below.
/// </summary>
internal static class TensorCores
{
    private const long Tile = 64;

    /// <summary>The next multiple of a tile.</summary>
    public static long WholeTiles(long count) => (count + Tile - 1) / Tile * Tile;

    /// <summary>Fills a dimension up to whole tiles.</summary>
    /// <param name="weight">The tensor.</param>
    /// <param name="dimension">Counted from the front.</param>
    /// <param name="value">What with.</param>
    public static Tensor Fill(Tensor weight, int dimension, double value = 0)
    {
        var missing = WholeTiles(weight.shape[dimension]) - weight.shape[dimension];
        if (missing == 0)
            return weight.alias();
        var padding = new long[2 * (weight.dim() - dimension)]; // of the last dimension first, before and behind
        padding[^1] = missing;
        return nn.functional.pad(weight, padding, value: value);
    }
}
