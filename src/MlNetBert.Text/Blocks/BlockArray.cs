using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// Blocks in memory, 2 bytes a token where the vocabulary allows it, else 4, in a few large arrays. Filled by one thread; once filled, safe
/// to read from several.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class BlockArray : IBlockSource
{
    private const int BytesAPage = 1 << 20;

    private readonly List<byte[]> _pages = [];
    private readonly int _blocksAPage;
    private readonly int _tokenBytes;
    private readonly int _vocabularySize;
    private readonly int _filler;
    private List<int>? _lengths; // as long as all blocks are full there is none
    private List<long>? _documents; // as long as no block has a document there is none; −1 for none
    private bool _endsWithFiller;

    /// <summary>Makes an empty source.</summary>
    /// <param name="blockLength">Tokens of a full block, at least 1.</param>
    /// <param name="vocabularySize">Ids are below this.</param>
    /// <param name="filler">The id that is kept behind the tokens of a block that is not full. It is never read; the fingerprint covers
    /// it.</param>
    public BlockArray(int blockLength, int vocabularySize, int filler = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)filler, (uint)vocabularySize, nameof(filler));
        BlockLength = blockLength;
        _vocabularySize = vocabularySize;
        _filler = filler;
        _tokenBytes = vocabularySize <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(int);
        _blocksAPage = Math.Max(1, BytesAPage / (_tokenBytes * blockLength));
    }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public int BlockLength { get; }

    /// <inheritdoc/>
    public string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{Count} {BlockLength} {_tokenBytes} {_filler}\n")));
            foreach (var page in _pages)
                hash.AppendData(page);
            // Otherwise the tokens tell where the filler begins.
            if (_endsWithFiller)
                hash.AppendData(_lengths is null ? "full"u8 : MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_lengths)));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Adds a block.</summary>
    /// <param name="ids">Its tokens, at most as many as the block length.</param>
    /// <param name="document">The number of the document that they are of; <see langword="null"/> for none or several.</param>
    /// <exception cref="ArgumentException">The block is too long, or an id is outside the vocabulary.</exception>
    public void Add(ReadOnlySpan<int> ids, long? document = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(document ?? 0, nameof(document));
        if (ids.Length > BlockLength)
            throw new ArgumentException(
                FormattableString.Invariant($"Expected a block of at most {BlockLength} ids, found {ids.Length}."), nameof(ids));
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_vocabularySize)
                throw new ArgumentException(FormattableString.Invariant($"Expected ids from 0 to {_vocabularySize - 1}, found {id}."),
                    nameof(ids));
        }

        if (Count % _blocksAPage == 0)
            _pages.Add(new byte[_blocksAPage * BlockLength * _tokenBytes]);
        if (ids.Length < BlockLength)
            _lengths ??= [.. Enumerable.Repeat(BlockLength, (int)Count)];
        if (document is not null)
            _documents ??= [.. Enumerable.Repeat(-1L, (int)Count)];
        _lengths?.Add(ids.Length);
        _documents?.Add(document ?? -1);
        _endsWithFiller |= ids is [.., var last] && last == _filler;
        Write(ids, Place(Count++));
    }

    /// <inheritdoc/>
    public int Read(long index, Span<int> ids)
    {
        BlockSpans.Check(this, index, ids);
        int length = _lengths is null ? BlockLength : _lengths[(int)index];
        var place = Place(index);
        if (_tokenBytes == sizeof(int))
            MemoryMarshal.Cast<byte, int>(place)[..length].CopyTo(ids);
        else
            BlockSpans.Widen(MemoryMarshal.Cast<byte, ushort>(place)[..length], ids);
        return length;
    }

    /// <inheritdoc/>
    public long? DocumentOf(long index)
    {
        BlockSpans.Check(this, index);
        return _documents?[(int)index] is { } document and >= 0 ? document : null;
    }

    private void Write(ReadOnlySpan<int> ids, Span<byte> place)
    {
        if (_tokenBytes == sizeof(int))
        {
            var wide = MemoryMarshal.Cast<byte, int>(place);
            ids.CopyTo(wide);
            wide[ids.Length..].Fill(_filler);
            return;
        }

        var narrow = MemoryMarshal.Cast<byte, ushort>(place);
        for (var i = 0; i < ids.Length; i++)
            narrow[i] = (ushort)ids[i];
        narrow[ids.Length..].Fill((ushort)_filler);
    }

    private Span<byte> Place(long index)
    {
        var bytes = BlockLength * _tokenBytes;
        return _pages[(int)(index / _blocksAPage)].AsSpan((int)(index % _blocksAPage) * bytes, bytes);
    }
}
