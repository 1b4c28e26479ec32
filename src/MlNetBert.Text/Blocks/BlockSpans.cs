namespace MlNetBert.Text.Blocks;

/// <summary>What all block sources need.</summary>
internal static class BlockSpans
{
    public static void Check(IBlockSource source, long index)
    {
        if ((ulong)index >= (ulong)source.Count)
            throw new ArgumentOutOfRangeException(nameof(index), index,
                FormattableString.Invariant($"A block must be from 0 to {source.Count - 1}."));
    }

    public static void Check(IBlockSource source, long index, ReadOnlySpan<int> ids)
    {
        Check(source, index);
        if (ids.Length != source.BlockLength)
            throw new ArgumentException(
                FormattableString.Invariant($"The span must take {source.BlockLength} ids, but takes {ids.Length}."), nameof(ids));
    }

    public static void Widen(ReadOnlySpan<ushort> from, Span<int> to)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = from[i];
    }
}
