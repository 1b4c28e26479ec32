namespace MlNetBert.Inference;

/// <summary>Puts sequences of like length together, so that little is padded.</summary>
internal static class LengthBatches
{
    /// <summary>Tokens of a batch, padding included: enough to fill the processor's caches with weights once for many rows.</summary>
    private const int TokensAtOnce = 4096;

    private const int RowsAtOnce = 64;

    /// <summary>Batches of indices into <paramref name="sequences"/>, from short to long.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="batchSize">The most of them in a batch, whatever their lengths; null bounds tokens too.</param>
    /// <param name="most">The most of them in a batch where <paramref name="batchSize"/> is null.</param>
    public static IEnumerable<List<int>> Of(IReadOnlyList<int[]> sequences, int? batchSize = null, int most = RowsAtOnce)
    {
        var batch = new List<int>();
        foreach (var index in Enumerable.Range(0, sequences.Count).OrderBy(i => sequences[i].Length))
        {
            if (batch.Count == (batchSize ?? Math.Min(most, RowsAtOnce))
                || (batchSize is null && batch.Count > 0 && (batch.Count + 1) * sequences[index].Length > TokensAtOnce))
            {
                yield return batch;
                batch = [];
            }

            batch.Add(index);
        }

        if (batch.Count > 0)
            yield return batch;
    }
}
