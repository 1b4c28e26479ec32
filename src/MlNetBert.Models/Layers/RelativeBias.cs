using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// What is added to attention's scores by how far a key is from its query: near distances have a row of the table each, far ones share rows
/// that grow with the logarithm of the distance (Raffel et al. 2019, arXiv:1910.10683).
/// </summary>
/// <param name="Buckets">How many rows are told apart.</param>
/// <param name="FarthestTold">The distance from which on all are in one row.</param>
/// <param name="IsBothWays">Whether keys behind a query have half of the rows; otherwise all later keys are in the row of the query's own
/// place, where a causal mask hides them.</param>
internal sealed record RelativeBias(int Buckets, int FarthestTold, bool IsBothWays)
{
    private int OfASide => IsBothWays ? Buckets / 2 : Buckets;

    private int Exact => OfASide / 2;

    /// <summary>The bias of a sequence of some length.</summary>
    /// <param name="table">[buckets, heads].</param>
    /// <param name="sequence">How many keys.</param>
    /// <param name="queries">How many queries there are: the last ones of the keys; null for as many.</param>
    /// <returns>[1, heads, queries, sequence], float32, in the caller's dispose scope.</returns>
    public Tensor Of(EmbeddingTable table, long sequence, long? queries = null)
    {
        using var scope = NewDisposeScope();
        var rows = RelativeRows.Of(RowsByDistance(sequence), table.Rows.device, queries);
        return table.Forward(rows).permute(2, 0, 1).unsqueeze(0).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The rows of the distances key − query from −(sequence − 1) to sequence − 1.</summary>
    public long[] RowsByDistance(long sequence)
    {
        var before = OfDistances(sequence).ToArray();
        return [.. before.Skip(1).Reverse(), .. before.Select((row, distance) => !IsBothWays ? 0 : distance == 0 ? row : OfASide + row)];
    }

    private IEnumerable<long> OfDistances(long count)
    {
        var whole = (float)Math.Log((double)FarthestTold / Exact);
        return RelativeRows.Logarithms(count, Exact).Select((share, distance) => distance < Exact
            ? distance
            : Math.Min(OfASide - 1, Exact + (long)(share / whole * (OfASide - Exact))));
    }
}
