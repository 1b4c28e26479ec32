using System.Buffers.Binary;
using System.IO.Compression;
using MlNetBert.HuggingFace.Pickles;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Pickles;

/// <summary>Zips that are unlike those of torch.save, or contradict themselves.</summary>
public sealed class TorchArchiveTests
{
    private static readonly byte[] Pickle = new PickleBuilder().Dictionary().Mark()
        .Text("w").Tensor(values => values.Storage("ByteStorage", "0", 4), [4]).SetItems().Stop().ToBytes();

    private static readonly byte[] Zip = TorchFile.Archive(Pickle, ("data/0", [1, 2, 3, 4]));

    [Fact]
    public void Open_WithAComment_IsRead()
    {
        byte[] commented = [.. Zip, .. "a comment"u8];
        BinaryPrimitives.WriteUInt16LittleEndian(commented.AsSpan(Zip.Length - 2), 9);

        Assert.Equal([1, 2, 3, 4], Read(commented));
    }

    [Fact]
    public void Open_Zip64_IsRead() => Assert.Equal([1, 2, 3, 4], Read(Widen(Zip)));

    [Fact]
    public void Open_DirectoryThatNamesAnotherEntry_IsRefused()
    {
        byte[] other = [.. Zip];
        other[other.AsSpan().IndexOf("archive/data/0"u8) + 13] = (byte)'7'; // the entry itself, not the directory

        Refused("'archive/data/0' is, another one is", other);
    }

    [Fact]
    public void Open_EntryBeyondTheFile_IsRefused()
    {
        byte[] beyond = [.. Zip];
        int directory = beyond.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteInt32LittleEndian(beyond.AsSpan(directory + 42), Zip.Length);

        Refused("lies outside", beyond);
    }

    [Fact]
    public void Open_CompressedEntry_IsRefused()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[4096]);
        }

        Refused("compressed", stream.ToArray());
    }

    [Fact]
    public void Open_NoPickleOrTwo_IsRefused()
    {
        Refused("2 folders", TorchFile.Archive(Pickle, ("more/data.pkl", Pickle), ("data/0", [1, 2, 3, 4])));
        byte[] none = [.. Zip];
        for (int at; (at = none.AsSpan().IndexOf("data.pkl"u8)) >= 0;)
            none[at] = (byte)'D';
        Refused("without data.pkl", none);
    }

    [Fact]
    public void Open_CutAnywhere_IsRefused()
    {
        for (int length = 1; length < Zip.Length; length++)
            Assert.Throws<ModelFormatException>(() => PickledWeights.Open(new ManagedTensorBytes(Zip[..length]), "cut.bin").Dispose());
    }

    [Fact]
    public void GetBytes_AValueWithAFlippedBit_IsRefusedByItsEntryUnlessNoChecksumWasStored()
    {
        int value = Zip.AsSpan().IndexOf((ReadOnlySpan<byte>)[1, 2, 3, 4]);
        byte[] flipped = [.. Zip];
        flipped[value + 2] ^= 0x40;
        using var weights = PickledWeights.Open(new ManagedTensorBytes(flipped), "made.bin"); // values are checked when they are read
        foreach (Action read in (Action[])[() => weights.GetBytes("w"), () => weights.OpenRead("w").Dispose(), () => weights.GetBytes("w")])
        {
            string message = Assert.Throws<ModelFormatException>(read).Message;
            Assert.Contains("made.bin: is damaged: the 4 bytes of the entry 'archive/data/0' are not those that were saved (CRC-32 b63cfbcd",
                message, StringComparison.Ordinal);
        }

        int directory = flipped.AsSpan().LastIndexOf("archive/data/0"u8) - 46;
        flipped.AsSpan(directory + 16, 4).Clear(); // as torch.serialization.set_crc32_options(False) leaves it
        Assert.Equal([1, 2, 0x43, 4], Read(flipped));
    }

    [Fact]
    public void Open_APickleWithAFlippedBit_IsRefused()
    {
        byte[] flipped = [.. Zip];
        flipped[Zip.AsSpan().IndexOf("data.pkl"u8) + "data.pkl".Length] ^= 0x01;
        Refused("are not those that were saved (CRC-32", flipped);
    }

    private static byte[] Read(byte[] zip)
    {
        using var weights = PickledWeights.Open(new ManagedTensorBytes(zip), "made.bin");
        return weights.GetBytes("w").ToArray();
    }

    private static void Refused(string what, byte[] zip)
    {
        var exception = Assert.Throws<ModelFormatException>(() => PickledWeights.Open(new ManagedTensorBytes(zip), "made.bin").Dispose());
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
    }

    // The places of the directory and of each entry as a zip of more than 4 GiB writes them: 0xFFFFFFFF, and 64 bits elsewhere.
    private static byte[] Widen(byte[] zip)
    {
        int end = zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        int start = BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(end + 16));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(end + 10));
        var directory = new List<byte>();
        for (int at = start, entry = 0; entry < count; entry++)
        {
            byte[] header = zip[at..(at + 46)];
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
            byte[] extra = new byte[28];
            BinaryPrimitives.WriteUInt16LittleEndian(extra, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), 24);
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(4), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(24)));
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(12), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20)));
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(20), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(42)));
            int old = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30));
            foreach (int place in (int[])[20, 24, 42])
                header.AsSpan(place, 4).Fill(0xFF);
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(30), (ushort)extra.Length);
            directory.AddRange([.. header, .. zip.AsSpan(at + 46, nameLength), .. extra]);
            at += 46 + nameLength + old;
        }

        byte[] record = new byte[56];
        "PK\u0006\u0006"u8.CopyTo(record);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(32), count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(40), directory.Count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(48), start);
        byte[] locator = new byte[20];
        "PK\u0006\u0007"u8.CopyTo(locator);
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), start + directory.Count);
        byte[] last = zip[end..];
        last.AsSpan(10, 10).Fill(0xFF);
        return [.. zip.AsSpan(0, start), .. directory, .. record, .. locator, .. last];
    }
}
