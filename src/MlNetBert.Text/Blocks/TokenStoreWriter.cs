using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// Writes a token store to a stream that can seek: room for the header, the blocks, the checksums, and at last the header.
/// </summary>
internal sealed class TokenStoreWriter : IDisposable
{
    private const int GroupBytes = 1 << 16;
    private readonly Stream _stream;
    private readonly SubwordTokenizer _tokenizer;
    private readonly BlockGrouper _grouper;
    private readonly RepetitionSampler _repetitions = new();
    private readonly List<uint> _checksums = [];
    private readonly IncrementalHash _content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _shortBlocks = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly int _filler;
    private readonly int _bytesPerToken;
    private readonly int _blocksPerGroup;
    private readonly byte[] _group;
    private int _filled;
    private bool _endsWithFiller;
    private long _documents;
    private long _textTokens;
    private long _unknown;

    public TokenStoreWriter(Stream stream, SubwordTokenizer tokenizer, BlockOptions options)
    {
        _stream = stream;
        _tokenizer = tokenizer;
        _bytesPerToken = tokenizer.Vocabulary.Count <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(int);
        _filler = tokenizer.SpecialTokens.PaddingTokenId ?? 0;
        int blockBytes = TokenStoreHeader.BlockHead + (options.BlockLength * _bytesPerToken);
        _blocksPerGroup = Math.Max(1, GroupBytes / blockBytes);
        _group = new byte[_blocksPerGroup * blockBytes];
        _grouper = new BlockGrouper(options, tokenizer, WriteBlock);
        BlockLength = options.BlockLength;
        stream.Write(new byte[TokenStoreHeader.Size]);
    }

    public TokenStoreProgress Progress => new(_documents, _textTokens, _grouper.Blocks);

    private int BlockLength { get; }

    public void Add(TokenizedBatch batch)
    {
        ReadOnlySpan<int> ids = CollectionsMarshal.AsSpan(batch.Ids);
        int start = 0;
        foreach (int end in batch.Ends)
        {
            _grouper.Add(ids[start..end]);
            start = end;
        }

        foreach (ulong hash in batch.Hashes)
            _repetitions.Add(hash);
        _documents += batch.Ends.Count;
        _textTokens += ids.Length;
        _unknown += batch.Unknown;
    }

    public void Complete(TokenStoreFingerprint madeFrom, long invalidSequences)
    {
        _grouper.Complete();
        if (_filled > 0)
            FlushGroup();
        byte[] table = new byte[_checksums.Count * sizeof(uint)];
        for (int i = 0; i < _checksums.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(i * sizeof(uint)), _checksums[i]);
        _stream.Write(table);
        // Otherwise the tokens tell where the filler begins.
        if (_endsWithFiller)
            _content.AppendData(_shortBlocks.GetHashAndReset());
        var header = new TokenStoreHeader
        {
            BlockLength = BlockLength,
            BytesPerToken = _bytesPerToken,
            Count = _grouper.Blocks,
            VocabularySize = _tokenizer.Vocabulary.Count,
            BlocksPerGroup = _blocksPerGroup,
            ChecksumOfGroups = TokenStoreHeader.Checksum(table),
            ContentSha256 = Convert.ToHexStringLower(_content.GetHashAndReset()),
            MadeFrom = madeFrom,
            Statistics = new TokenStoreStatistics
            {
                Documents = _grouper.Documents,
                SkippedDocuments = _grouper.SkippedDocuments,
                Tokens = _grouper.Tokens,
                TextTokens = _textTokens,
                UnknownTokens = _unknown,
                DroppedTokens = _grouper.DroppedTokens,
                InvalidSequences = invalidSequences,
                DuplicateFraction = _repetitions.DuplicateFraction,
            },
        };
        _stream.Position = 0;
        _stream.Write(header.ToBytes());
    }

    public void Dispose()
    {
        _content.Dispose();
        _shortBlocks.Dispose();
    }

    private void WriteBlock(ReadOnlySpan<int> ids, long? document)
    {
        Span<byte> block = _group.AsSpan(_filled, TokenStoreHeader.BlockHead + (BlockLength * _bytesPerToken));
        BinaryPrimitives.WriteInt32LittleEndian(block, ids.Length);
        BinaryPrimitives.WriteInt64LittleEndian(block[sizeof(int)..], document ?? -1);
        Span<byte> tokens = block[TokenStoreHeader.BlockHead..];
        // Behind the last token stands what stood there when blocks were padded: so their fingerprint is what it was.
        for (int i = 0; i < BlockLength; i++)
        {
            int id = i < ids.Length ? ids[i] : _filler;
            if (_bytesPerToken == sizeof(int))
                BinaryPrimitives.WriteInt32LittleEndian(tokens[(i * sizeof(int))..], id);
            else
                BinaryPrimitives.WriteUInt16LittleEndian(tokens[(i * sizeof(ushort))..], (ushort)id);
        }

        _content.AppendData(tokens);
        if (ids.Length < BlockLength)
            _shortBlocks.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{_grouper.Blocks} {ids.Length}\n")));
        _endsWithFiller |= ids is [.., var last] && last == _filler;
        _filled += block.Length;
        if (_filled == _group.Length)
            FlushGroup();
    }

    private void FlushGroup()
    {
        ReadOnlySpan<byte> bytes = _group.AsSpan(0, _filled);
        _stream.Write(bytes);
        _checksums.Add(TokenStoreHeader.Checksum(bytes));
        _filled = 0;
    }
}
