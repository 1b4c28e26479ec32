namespace MlNetBert.Training.Objectives;

/// <summary>Batches of texts that a decoder is to answer with others, padded to the longest of each.</summary>
internal static class TextToTextBatch
{
    /// <summary>Makes a batch.</summary>
    /// <param name="examples">The numbers of its examples.</param>
    /// <param name="sources">What the encoder reads, a row each, without padding.</param>
    /// <param name="targets">What the decoder is to write, a row each; <see cref="StoredBlocks.IgnoredLabel"/> where there is nothing to
    /// predict.</param>
    /// <param name="padding">The id behind shorter rows, and what the decoder reads where there was nothing to predict.</param>
    /// <param name="decoderStart">The token that the decoder begins with.</param>
    /// <param name="attention">What of the sources, all of one length, is attended to, row by row: 1 or 0; null for all.</param>
    /// <returns>The batch; its tokens are those that are attended to, and the targets.</returns>
    public static CorruptedBatch Of(
        ReadOnlySpan<long> examples, IReadOnlyList<int[]> sources, IReadOnlyList<int[]> targets, int padding, int decoderStart,
        int[]? attention = null)
    {
        var rows = sources.Count;
        var (length, targetLength) = (sources.Max(source => source.Length), Math.Max(1, targets.Max(target => target.Length)));
        var (ids, decoderIds) = (new int[rows * length], new int[rows * targetLength]);
        Array.Fill(ids, padding);
        Array.Fill(decoderIds, padding);
        var (positions, labels) = (new List<int>(), new List<int>());
        for (var row = 0; row < rows; row++)
        {
            sources[row].CopyTo(ids, row * length);
            decoderIds[row * targetLength] = decoderStart;
            foreach (var (place, label) in targets[row].Index())
            {
                var isTarget = label != StoredBlocks.IgnoredLabel;
                if (place + 1 < targetLength)
                    decoderIds[(row * targetLength) + place + 1] = isTarget ? label : padding;
                if (!isTarget)
                    continue;
                positions.Add((row * targetLength) + place);
                labels.Add(label);
            }
        }

        var written = targets.Select(target => Array.FindLastIndex(target, id => id != StoredBlocks.IgnoredLabel) + 1);
        int[] decoderLengths = [.. written.Select(count => Math.Max(1, count))];
        int[] lengths = [.. sources.Select(source => source.Length)];
        return new CorruptedBatch
        {
            Examples = examples.ToArray(),
            InputIds = ids,
            Rows = rows,
            Length = length,
            Lengths = lengths.All(l => l == length) ? null : lengths,
            AttentionMask = attention,
            DecoderIds = decoderIds,
            DecoderLengths = decoderLengths.All(l => l == targetLength) ? null : decoderLengths,
            Positions = [.. positions],
            Labels = [.. labels],
            TargetCounts = [labels.Count],
            Tokens = (attention ?? lengths).Sum(count => (long)count) + labels.Count,
        };
    }
}
