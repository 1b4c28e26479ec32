using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// Blocks of tokens in a file, read where they lie, so that a corpus may be larger than memory. Every group of blocks has a checksum,
/// which is compared when the group is first read. Safe to read from several threads at once. There is no memory map: a file that is cut
/// shorter while it is open gives an exception instead of the end of the process.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class TokenStore : IBlockSource, IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly TokenStoreHeader _header;
    private readonly string _path;
    private readonly int[] _checked; // a bit per group

    private TokenStore(string path, TokenStoreHeader header, SafeFileHandle file)
    {
        _path = path;
        _header = header;
        _file = file;
        _checked = new int[(header.Groups + 31) / 32];
    }

    /// <inheritdoc/>
    public long Count => _header.Count;

    /// <inheritdoc/>
    public int BlockLength => _header.BlockLength;

    /// <summary>How many ids the vocabulary has.</summary>
    public int VocabularySize => _header.VocabularySize;

    /// <summary>
    /// The SHA-256, in lower-case hexadecimals, of the blocks' tokens, and their number and length: equal where the blocks are, whatever
    /// they were made from.
    /// </summary>
    public string Fingerprint => FormattableString.Invariant($"{_header.ContentSha256} {Count} {BlockLength}");

    /// <summary>What the store was made from.</summary>
    internal TokenStoreFingerprint MadeFrom => _header.MadeFrom;

    /// <summary>What was seen while it was built.</summary>
    public TokenStoreStatistics Statistics => _header.Statistics;

    /// <summary>Opens a store. Its header and its length are checked now, its blocks when they are read.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The store.</returns>
    /// <exception cref="TokenStoreException">It is no token store, of another version, truncated or damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TokenStore Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = OpenFile(path);
        try
        {
            byte[] bytes = new byte[TokenStoreHeader.Size];
            int read = 0;
            for (int more; read < bytes.Length && (more = RandomAccess.Read(file, bytes.AsSpan(read), read)) > 0;)
                read += more;
            TokenStoreHeader header = TokenStoreHeader.Read(bytes.AsSpan(0, read), path);
            long length = RandomAccess.GetLength(file);
            if (length != header.FileLength)
                throw new TokenStoreException(path,
                    FormattableString.Invariant($"the token store must have {header.FileLength} bytes, but has {length}."));
            var store = new TokenStore(path, header, file);
            store.CheckGroupTable();
            return store;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle OpenFile(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(
                $"{path}: the token store cannot be read: {exception.Message} Allow reading it, or delete it to have it built again.",
                exception);
        }
    }

    /// <summary>Reads a block.</summary>
    /// <param name="index">Which one, from 0.</param>
    /// <param name="ids">Takes the ids, [block length]; behind the block's last token it is left as it is.</param>
    /// <returns>How many tokens the block has.</returns>
    /// <exception cref="TokenStoreException">The block's group is damaged, or the file was cut short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    /// <exception cref="ArgumentException">The span is not of the block's length.</exception>
    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    public int Read(long index, Span<int> ids)
    {
        BlockSpans.Check(this, index, ids);
        Span<byte> block = _header.BlockBytes <= 4096 ? stackalloc byte[(int)_header.BlockBytes] : new byte[_header.BlockBytes];
        ReadBlock(index, block);
        int length = BinaryPrimitives.ReadInt32LittleEndian(block);
        if ((uint)length > (uint)BlockLength)
            throw new TokenStoreException(_path,
                FormattableString.Invariant($"block {index} must have 0 to {BlockLength} tokens, but has {length}."));
        block = block[TokenStoreHeader.BlockHead..];
        if (_header.BytesPerToken == sizeof(int))
            MemoryMarshal.Cast<byte, int>(block)[..length].CopyTo(ids);
        else
            BlockSpans.Widen(MemoryMarshal.Cast<byte, ushort>(block)[..length], ids);
        return length;
    }

    /// <inheritdoc/>
    /// <exception cref="TokenStoreException">The block's group is damaged, or the file was cut short.</exception>
    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    public long? DocumentOf(long index)
    {
        BlockSpans.Check(this, index);
        Span<byte> head = stackalloc byte[TokenStoreHeader.BlockHead];
        ReadBlock(index, head);
        return BinaryPrimitives.ReadInt64LittleEndian(head[sizeof(int)..]) is var document and >= 0 ? document : null;
    }

    /// <summary>Compares every checksum.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="TokenStoreException">A group is damaged.</exception>
    public void Verify(CancellationToken cancellationToken = default)
    {
        for (long group = 0; group < _header.Groups; group++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CheckGroup(group);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadBlock(long index, Span<byte> block)
    {
        EnsureChecked(index / _header.BlocksPerGroup);
        ReadAt(TokenStoreHeader.Size + (index * _header.BlockBytes), block);
    }

    private void EnsureChecked(long group)
    {
        ref int word = ref _checked[group / 32];
        int bit = 1 << (int)(group % 32);
        if ((Volatile.Read(ref word) & bit) != 0)
            return;
        CheckGroup(group);
        Interlocked.Or(ref word, bit);
    }

    private void CheckGroup(long group)
    {
        long first = group * _header.BlocksPerGroup;
        long blocks = Math.Min(_header.BlocksPerGroup, Count - first);
        uint checksum = ChecksumOf(TokenStoreHeader.Size + (first * _header.BlockBytes), blocks * _header.BlockBytes);
        Span<uint> expected = stackalloc uint[1];
        ReadAt(_header.ChecksumOffset + (group * sizeof(uint)), MemoryMarshal.AsBytes(expected));
        if (checksum != expected[0])
            throw new TokenStoreException(_path,
                FormattableString.Invariant(
                    $"the token store is damaged: the checksum of blocks {first} to {first + blocks - 1} differs."));
    }

    private void CheckGroupTable()
    {
        if (ChecksumOf(_header.ChecksumOffset, _header.Groups * sizeof(uint)) != _header.ChecksumOfGroups)
            throw new TokenStoreException(_path, "the token store is damaged: its table of checksums differs.");
    }

    private uint ChecksumOf(long offset, long length)
    {
        byte[] buffer = new byte[(int)Math.Min(1 << 16, length)];
        uint checksum = 0;
        while (length > 0)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length));
            ReadAt(offset, part);
            checksum = TokenStoreHeader.Checksum(part, checksum);
            offset += part.Length;
            length -= part.Length;
        }

        return checksum;
    }

    private void ReadAt(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(_file, target, offset);
            if (read == 0)
                throw new TokenStoreException(_path,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the token store was cut short while it was open: it must have {_header.FileLength} bytes, but has "
                            + $"{RandomAccess.GetLength(_file)}. Delete it: it is made again."));
            target = target[read..];
            offset += read;
        }
    }
}
