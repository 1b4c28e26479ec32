using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// The first <see cref="Size"/> bytes of a token store: magic, version, length of the JSON, checksum of the JSON, the JSON, zeros.
/// After them come the blocks and then a CRC-32C per group of blocks. A block is its length (32 bits), its document's number (64 bits, −1
/// for none) and room for the ids of a full block, all little-endian. Version 1 had the ids alone.
/// </summary>
internal sealed record TokenStoreHeader
{
    public const int Size = 4096;
    public const int Version = 2;

    /// <summary>Bytes of a block before its ids: length and document number.</summary>
    public const int BlockHead = sizeof(int) + sizeof(long);

    private const int Fixed = 20;
    private static readonly byte[] Magic = "MLNBTOKS"u8.ToArray();

    public required int BlockLength { get; init; }

    public required int BytesPerToken { get; init; }

    public required long Count { get; init; }

    public required int VocabularySize { get; init; }

    public required int BlocksPerGroup { get; init; }

    public required uint ChecksumOfGroups { get; init; }

    public required string ContentSha256 { get; init; }

    public required TokenStoreFingerprint MadeFrom { get; init; }

    public required TokenStoreStatistics Statistics { get; init; }

    public long BlockBytes => BlockHead + ((long)BlockLength * BytesPerToken);

    public long Groups => (Count + BlocksPerGroup - 1) / BlocksPerGroup;

    public long ChecksumOffset => Size + (Count * BlockBytes);

    public long FileLength => ChecksumOffset + (Groups * sizeof(uint));

    /// <summary>CRC-32C, going on from an earlier one.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes, uint crc = 0)
    {
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }

    public byte[] ToBytes()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this);
        if (json.Length > Size - Fixed)
            throw new InvalidOperationException(
                FormattableString.Invariant($"The header takes {json.Length} bytes, but there is room for {Size - Fixed}."));
        byte[] bytes = new byte[Size];
        Magic.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), json.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), Checksum(json));
        json.CopyTo(bytes, Fixed);
        return bytes;
    }

    public static TokenStoreHeader Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length < Size || !bytes.StartsWith(Magic))
            throw new TokenStoreException(file, "a token store begins with MLNBTOKS, but this file does not.");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
            throw new TokenStoreException(file,
                FormattableString.Invariant($"the token store must be of version {Version}, but is of version {version}."));
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (length is < 0 or > Size - Fixed || Checksum(bytes.Slice(Fixed, length)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]))
            throw new TokenStoreException(file, "the token store's header is damaged.");
        TokenStoreHeader header;
        try
        {
            header = JsonSerializer.Deserialize<TokenStoreHeader>(bytes.Slice(Fixed, length))!;
        }
        catch (JsonException exception)
        {
            throw new TokenStoreException(file, "the token store's header is damaged.", exception);
        }

        bool sane = header is
        {
            BlockLength: >= 1 and <= 1 << 20,
            BytesPerToken: 2 or 4,
            Count: >= 0 and < 1L << 40,
            BlocksPerGroup: >= 1,
            ContentSha256: not null,
            MadeFrom: not null,
            Statistics: not null,
        };
        return sane ? header : throw new TokenStoreException(file, "the token store's header is damaged.");
    }
}
