using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MlNetBert.Text.Blocks;

/// <summary>Blocks in memory: 2 bytes a token where the vocabulary allows it, else 4, in a few large arrays and no object per block.</summary>
public sealed class BlockArray : IBlockSource
{
    private const int ChunkTokens = 1 << 20;
    private readonly List<ushort[]> _narrow = [];
    private readonly List<int[]> _wide = [];
    private readonly bool _isNarrow;
    private readonly int _vocabularySize;
    private readonly int _blocksPerChunk;

    /// <summary>Makes an empty array.</summary>
    /// <param name="blockLength">How many tokens a block has.</param>
    /// <param name="vocabularySize">How many ids there are.</param>
    /// <param name="paddingId">The id that fills up blocks.</param>
    public BlockArray(int blockLength, int vocabularySize, int paddingId)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        BlockLength = blockLength;
        PaddingId = paddingId;
        _vocabularySize = vocabularySize;
        _isNarrow = vocabularySize <= ushort.MaxValue + 1;
        _blocksPerChunk = Math.Max(1, ChunkTokens / blockLength);
    }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public int BlockLength { get; }

    /// <inheritdoc/>
    public int PaddingId { get; }

    /// <inheritdoc/>
    public string ContentFingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{Count} {BlockLength} {PaddingId}\n")));
            foreach (ushort[] chunk in _narrow)
                hash.AppendData(MemoryMarshal.AsBytes(chunk.AsSpan()));
            foreach (int[] chunk in _wide)
                hash.AppendData(MemoryMarshal.AsBytes(chunk.AsSpan()));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Adds a block. Not to be called while others read.</summary>
    /// <param name="ids">Its ids, [block length].</param>
    /// <exception cref="ArgumentException">The block has another length, or an id is outside the vocabulary.</exception>
    public void Add(ReadOnlySpan<int> ids)
    {
        if (ids.Length != BlockLength)
            throw new ArgumentException(FormattableString.Invariant($"A block must have {BlockLength} ids, but has {ids.Length}."), nameof(ids));
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_vocabularySize)
                throw new ArgumentException(FormattableString.Invariant($"An id must be from 0 to {_vocabularySize - 1}, but is {id}."), nameof(ids));
        }

        int place = (int)(Count % _blocksPerChunk) * BlockLength;
        if (_isNarrow)
        {
            if (place == 0)
                _narrow.Add(new ushort[_blocksPerChunk * BlockLength]);
            Span<ushort> target = _narrow[^1].AsSpan(place, BlockLength);
            for (int i = 0; i < ids.Length; i++)
                target[i] = (ushort)ids[i];
        }
        else
        {
            if (place == 0)
                _wide.Add(new int[_blocksPerChunk * BlockLength]);
            ids.CopyTo(_wide[^1].AsSpan(place));
        }

        Count++;
    }

    /// <inheritdoc/>
    public int Read(long index, Span<int> ids)
    {
        BlockSpans.Check(this, index, ids);
        int chunk = (int)(index / _blocksPerChunk);
        int place = (int)(index % _blocksPerChunk) * BlockLength;
        if (_isNarrow)
            BlockSpans.Widen(_narrow[chunk].AsSpan(place, BlockLength), ids);
        else
            _wide[chunk].AsSpan(place, BlockLength).CopyTo(ids);
        return BlockSpans.LengthWithoutPadding(ids, PaddingId);
    }
}
