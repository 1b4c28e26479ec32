using System.Buffers.Binary;
using System.IO.Compression;
using MlNetBert.Interop;

namespace MlNetBert.Tests.Interop;

/// <summary>Zips that would fill the disk or leave their directory, in every disguise.</summary>
public sealed class ZipGuardTests : IDisposable
{
    private const int Mebibyte = 1 << 20;
    private readonly string _directory = Directory.CreateTempSubdirectory("mlnetbert-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("MlNetBert.Shared/key/files/README.md", 1, 80)]
    [InlineData(@"MlNetBert.Shared\key\files\README.md", 1, 80)]
    [InlineData("TransformerChain/Transform_000/Model.key", 1, 80)]
    [InlineData("Schema", 1, 80)]
    [InlineData("nested.zip", 1, 80)]
    [InlineData("MlNetBert.Shared/key/files/x", 3, 30)]
    public void Check_EntriesThatUnpackToFarMore_IsRefused(string name, int entries, int mebibytes) =>
        Refuses(Write([.. Enumerable.Range(0, entries).Select(i => (i == 0 ? name : name + i, new byte[mebibytes * Mebibyte]))]), "unpacks to");

    [Theory]
    [InlineData("../outside")]
    [InlineData(@"..\outside")]
    [InlineData("a/../../outside")]
    [InlineData("/outside")]
    [InlineData("C:/outside")]
    public void Check_AnEntryThatLeavesItsDirectory_IsRefused(string name) => Refuses(Write((name, [1])), "inside the zip's own directory");

    [Theory]
    [InlineData("a/b", "a/b")]
    [InlineData("a/b", @"a\b")]
    public void Check_AnEntryTwice_IsRefused(string first, string second) => Refuses(Write((first, [1]), (second, [2])), "twice");

    [Fact]
    public void Check_MoreEntriesThanAModelHas_IsRefused() => Refuses(Write([.. Enumerable.Range(0, 10_001).Select(i => ($"f{i}", Array.Empty<byte>()))]), "at most 10000 entries");

    [Fact]
    public void Check_EntriesThatShareTheirBytes_IsRefused()
    {
        var content = new byte[Mebibyte];
        new Random(1).NextBytes(content);
        var path = Write(("0", content));
        Repeat(path, 9);

        Refuses(path, "overlap");
    }

    [Fact]
    public void Check_AModelsEntries_Passes()
    {
        var weights = new byte[70 * Mebibyte];
        new Random(1).NextBytes(weights);

        ZipGuard.Check(Write(("Schema", [1, 2, 3]), (@"TransformerChain\Model.key", new byte[1000]), ("MlNetBert.Shared/k/files/model.safetensors", weights)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no zip")]
    [InlineData("a text that is longer than the end of a zip would be")]
    public void Check_NoZip_IsRefusedAsOne(string text)
    {
        var path = Path.Combine(_directory, "text");
        File.WriteAllText(path, text);

        Refuses(path, $"found a file of {text.Length} bytes that is no zip");
    }

    [Fact]
    public void Check_ANameThatNoFileSystemTakes_IsRefused() => Refuses(Write((new string('a', 300), [1])), "at most 255 bytes");

    private static void Refuses(string path, string said) => Assert.Contains(said, Assert.Throws<ModelFormatException>(() => ZipGuard.Check(path)).Message, StringComparison.Ordinal);

    /// <summary>Lists the one entry again under other names: its bytes are there once.</summary>
    private static void Repeat(string path, int times)
    {
        const int EndSize = 22;
        var bytes = File.ReadAllBytes(path);
        var end = bytes.AsSpan(^EndSize..).ToArray();
        var begin = (int)BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(16));
        var header = bytes[begin..^EndSize];
        using var output = File.Create(path);
        output.Write(bytes.AsSpan(0, begin));
        for (var i = 0; i <= times; i++)
        {
            header[46] = (byte)('0' + i); // the name's one character
            output.Write(header);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)(times + 1));
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)(times + 1));
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), (uint)(header.Length * (times + 1)));
        output.Write(end);
    }

    private string Write(params (string Name, byte[] Content)[] entries)
    {
        var path = Path.Combine(_directory, $"{Guid.NewGuid():N}.zip");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, content) in entries)
        {
            using var stream = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
            stream.Write(content);
        }

        return path;
    }
}
