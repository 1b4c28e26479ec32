using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Objectives.Clm;

/// <summary>Blocks one after the other, and then all of them again.</summary>
/// <param name="blocks">The blocks.</param>
internal sealed class BlocksTwice(IBlockSource blocks) : IBlockSource
{
    /// <inheritdoc/>
    public long Count => 2 * blocks.Count;

    /// <inheritdoc/>
    public int BlockLength => blocks.BlockLength;

    /// <inheritdoc/>
    public string Fingerprint => blocks.Fingerprint;

    /// <inheritdoc/>
    public int Read(long index, Span<int> ids) => blocks.Read(index % blocks.Count, ids);

    /// <inheritdoc/>
    public long? DocumentOf(long index) => blocks.DocumentOf(index % blocks.Count);
}
