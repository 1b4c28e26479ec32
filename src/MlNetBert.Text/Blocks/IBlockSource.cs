namespace MlNetBert.Text.Blocks;

/// <summary>Random access to blocks of tokens; every implementation is safe to read from several threads at once.</summary>
public interface IBlockSource
{
    /// <summary>How many blocks there are.</summary>
    long Count { get; }

    /// <summary>How many tokens a block has.</summary>
    int BlockLength { get; }

    /// <summary>
    /// The id that fills up a block that is not full, always at its end. It occurs nowhere else in a block made by a
    /// <see cref="BlockGrouper"/>, unless a text says it.
    /// </summary>
    int PaddingId { get; }

    /// <summary>Tells equal blocks from others: the same blocks in the same order have the same fingerprint, other ones another.</summary>
    string Fingerprint { get; }

    /// <summary>Reads a block.</summary>
    /// <param name="index">Which one, from 0.</param>
    /// <param name="ids">Takes the ids, [block length].</param>
    /// <returns>How many of them are not padding.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    /// <exception cref="ArgumentException">The span is not of the block's length.</exception>
    int Read(long index, Span<int> ids);
}
