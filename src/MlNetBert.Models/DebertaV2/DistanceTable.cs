using MlNetBert.Models.Layers;

namespace MlNetBert.Models.DebertaV2;

/// <summary>Which row of the table of distances a distance has.</summary>
internal static class DistanceTable
{
    /// <summary>The rows of the distances key − query from −(sequence − 1) to sequence − 1; they fall.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="sequence">How many tokens.</param>
    public static long[] RowsOf(DebertaV2Config config, long sequence)
    {
        long span = config.DistanceSpan;
        var sides = Buckets(config, sequence).ToArray();
        // The table counts query − key.
        return
        [
            .. sides.Skip(1).Reverse().Select(bucket => Math.Min(span + bucket, (2 * span) - 1)),
            .. sides.Select(bucket => Math.Max(0, span - bucket)),
        ];
    }

    // Near distances as they are; far ones by their logarithm, so that the farthest comes to the last row.
    private static IEnumerable<long> Buckets(DebertaV2Config config, long count)
    {
        if (config.DistanceBuckets <= 0)
            return Enumerable.Range(0, (int)count).Select(distance => (long)distance);
        var half = config.DistanceBuckets / 2;
        var whole = MathF.Log((float)((config.FarthestDistance - 1) / (double)half));
        return RelativeRows.Logarithms(count, half).Select((share, distance) =>
            distance <= half ? distance : (long)MathF.Ceiling(share / whole * (half - 1)) + half);
    }
}
