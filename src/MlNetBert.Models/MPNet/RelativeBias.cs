using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.MPNet;

/// <summary>
/// What is added to attention's scores by how far a key is from its query: near distances have a row of the table each, far ones share rows
/// that grow with the logarithm of the distance (Raffel et al. 2019, arXiv:1910.10683).
/// </summary>
internal static class RelativeBias
{
    private const int FarthestTold = 128;
    private const int OfASide = MPNetConfig.Buckets / 2;
    private const int Exact = OfASide / 2;

    /// <summary>The bias of a sequence of some length.</summary>
    /// <param name="table">[buckets, heads].</param>
    /// <param name="sequence">How many tokens.</param>
    /// <returns>[1, heads, sequence, sequence], queries before keys, float32, in the caller's dispose scope.</returns>
    public static Tensor Of(EmbeddingTable table, long sequence)
    {
        using var scope = NewDisposeScope();
        var rows = RelativeRows.Of(Buckets(sequence), table.Rows.device);
        return table.Forward(rows).permute(2, 0, 1).unsqueeze(0).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The buckets of the distances key − query from −(sequence − 1) to sequence − 1.</summary>
    public static long[] Buckets(long sequence)
    {
        var sides = OfDistances(sequence).ToArray();
        return [.. sides.Skip(1).Reverse(), .. sides.Select((bucket, distance) => distance == 0 ? bucket : OfASide + bucket)];
    }

    private static IEnumerable<long> OfDistances(long count)
    {
        var whole = (float)Math.Log((double)FarthestTold / Exact);
        return RelativeRows.Logarithms(count, Exact).Select((share, distance) => distance < Exact
            ? distance
            : Math.Min(OfASide - 1, Exact + (long)(share / whole * (OfASide - Exact))));
    }
}
