namespace MlNetBert.Text.Blocks;

/// <summary>
/// Random access to blocks of tokens. A block has a length of its own, at most <see cref="BlockLength"/>, and no padding: whoever makes a
/// batch chooses what stands behind its tokens. Every implementation is safe to read from several threads at once.
/// </summary>
[Experimental("MLNETBERT001")]
public interface IBlockSource
{
    /// <summary>How many blocks there are.</summary>
    long Count { get; }

    /// <summary>How many tokens a full block has.</summary>
    int BlockLength { get; }

    /// <summary>
    /// Tells equal blocks from others: the same blocks in the same order have the same fingerprint, other tokens or lengths another.
    /// Document numbers are not part of it.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>Reads a block.</summary>
    /// <param name="index">Which one, from 0.</param>
    /// <param name="ids">Takes the ids, [block length]; behind the block's last token it is left as it is.</param>
    /// <returns>How many tokens the block has.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    /// <exception cref="ArgumentException">The span is not of the block length.</exception>
    int Read(long index, Span<int> ids);

    /// <summary>The document that a block's tokens are of.</summary>
    /// <param name="index">Which block, from 0.</param>
    /// <returns>The document's number, from 0 in the order of the documents that were grouped; <see langword="null"/> where a block may
    /// hold tokens of several documents, or of none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    long? DocumentOf(long index);

    /// <summary>Whether a block has the first tokens of the document that its tokens are of.</summary>
    /// <param name="index">Which block, from 0.</param>
    /// <returns>By default whether the block before it is of another document; a part of a source, which may lack that block, says it of
    /// the whole. False where <see cref="DocumentOf"/> is null.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    bool BeginsDocument(long index) => DocumentOf(index) is { } document && (index == 0 || DocumentOf(index - 1) != document);
}
