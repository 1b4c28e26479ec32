using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// Blocks in memory, 2 bytes a token where the vocabulary allows it, else 4, in a few large arrays. Filled by one thread; once filled, safe
/// to read from several.
/// </summary>
public sealed class BlockArray : IBlockSource
{
    private const int BytesAPage = 1 << 20;

    private readonly List<byte[]> _pages = [];
    private readonly int _blocksAPage;
    private readonly int _tokenBytes;
    private readonly int _vocabularySize;

    /// <summary>Makes an empty source.</summary>
    /// <param name="blockLength">Tokens of a block, at least 1.</param>
    /// <param name="vocabularySize">Ids are below this.</param>
    /// <param name="paddingId">The id that fills up a block.</param>
    public BlockArray(int blockLength, int vocabularySize, int paddingId)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        BlockLength = blockLength;
        PaddingId = paddingId;
        _vocabularySize = vocabularySize;
        _tokenBytes = vocabularySize <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(int);
        _blocksAPage = Math.Max(1, BytesAPage / (_tokenBytes * blockLength));
    }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public int BlockLength { get; }

    /// <inheritdoc/>
    public int PaddingId { get; }

    /// <inheritdoc/>
    public string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{Count} {BlockLength} {_tokenBytes} {PaddingId}\n")));
            foreach (var page in _pages)
                hash.AppendData(page);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Adds a block.</summary>
    /// <param name="ids">The ids, [block length], padded at the end.</param>
    /// <exception cref="ArgumentException">The block has another length, or an id is outside the vocabulary.</exception>
    public void Add(ReadOnlySpan<int> ids)
    {
        if (ids.Length != BlockLength)
            throw new ArgumentException($"Expected a block of {BlockLength} ids, found {ids.Length}.", nameof(ids));
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_vocabularySize)
                throw new ArgumentException(FormattableString.Invariant($"Expected ids from 0 to {_vocabularySize - 1}, found {id}."),
                    nameof(ids));
        }

        if (Count % _blocksAPage == 0)
            _pages.Add(new byte[_blocksAPage * BlockLength * _tokenBytes]);
        var place = Place(Count++);
        if (_tokenBytes == sizeof(int))
        {
            ids.CopyTo(MemoryMarshal.Cast<byte, int>(place));
            return;
        }

        var narrow = MemoryMarshal.Cast<byte, ushort>(place);
        for (var i = 0; i < ids.Length; i++)
            narrow[i] = (ushort)ids[i];
    }

    /// <inheritdoc/>
    public int Read(long index, Span<int> ids)
    {
        BlockSpans.Check(this, index, ids);
        var place = Place(index);
        if (_tokenBytes == sizeof(int))
        {
            MemoryMarshal.Cast<byte, int>(place).CopyTo(ids);
        }
        else
        {
            BlockSpans.Widen(MemoryMarshal.Cast<byte, ushort>(place), ids);
        }

        return BlockSpans.LengthWithoutPadding(ids, PaddingId);
    }

    private Span<byte> Place(long index)
    {
        var bytes = BlockLength * _tokenBytes;
        return _pages[(int)(index / _blocksAPage)].AsSpan((int)(index % _blocksAPage) * bytes, bytes);
    }
}
