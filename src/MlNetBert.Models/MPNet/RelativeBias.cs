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
        var device = table.Rows.device;
        var places = TensorArithmetic.Range(sequence, device);
        var distances = places.unsqueeze(0).sub(places.unsqueeze(1)).Plus(sequence - 1).to(ScalarType.Int64); // 0 … 2 · sequence − 2
        var rows = tensor(Buckets(sequence), ScalarType.Int64).to(device).index_select(0, distances.flatten());
        return table.Forward(rows.view(sequence, sequence)).permute(2, 0, 1).unsqueeze(0).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The buckets of the distances key − query from −(sequence − 1) to sequence − 1.</summary>
    public static long[] Buckets(long sequence)
    {
        var sides = OfDistances(sequence);
        return [.. sides.Skip(1).Reverse(), .. sides.Select((bucket, distance) => distance == 0 ? bucket : OfASide + bucket)];
    }

    // The float32 roundings are Hugging Face's; they decide at the powers of two.
    private static long[] OfDistances(long count)
    {
        using var scope = NewDisposeScope();
        var shares = TensorArithmetic.Range(count, CPU).to(ScalarType.Float32).Over(Exact).log().data<float>().ToArray();
        var whole = (float)Math.Log((double)FarthestTold / Exact);
        return
        [
            .. shares.Select((share, distance) => distance < Exact
                ? distance
                : Math.Min(OfASide - 1, Exact + (long)(share / whole * (OfASide - Exact)))),
        ];
    }
}
