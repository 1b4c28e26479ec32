using System.Text;
using CsCheck;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Safetensors;

public sealed class SafetensorsWriterTests
{
    private static readonly Gen<TensorData> Tensors = Gen.Select(
        Gen.String[0, 12].Where(name => name != "__metadata__" && IsText(name)),
        Gen.Enum<SafetensorsDtype>(),
        Gen.Long[0, 4].Array[0, 4],
        Gen.Byte,
        (name, dtype, shape, fill) => new TensorData(name, dtype, shape, Enumerable.Repeat(fill, (int)shape.Aggregate(1L, (product, size) => product * size) * dtype.ByteWidth()).ToArray()));

    [Fact]
    public void Write_ThenOpen_GivesTheSame() =>
        Gen.Select(Tensors.List[0, 8], Gen.Dictionary(Gen.String[0, 5].Where(IsText), Gen.String[0, 5].Where(IsText))[0, 3]).Sample((tensors, metadata) =>
        {
            tensors = [.. tensors.DistinctBy(tensor => tensor.Name, StringComparer.Ordinal)];
            byte[] written = Write(tensors, metadata);
            using var file = SafetensorsFile.Open(written, "test");
            Assert.Equal(tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal), file.Names.Order(StringComparer.Ordinal));
            Assert.Equal(metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal), file.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal));
            foreach (var tensor in tensors)
            {
                using var expected = new MemoryStream();
                tensor.WriteTo(expected);
                Assert.Equal(tensor.Shape, file.Describe(tensor.Name).Shape);
                Assert.Equal(tensor.Dtype, file.Describe(tensor.Name).Dtype);
                Assert.Equal(expected.ToArray(), file.GetBytes(tensor.Name).ToArray());
                Assert.Equal(0, file.Describe(tensor.Name).Offset % tensor.Dtype.ByteWidth());
            }
            Assert.Equal(written, Write(tensors.Reverse<TensorData>(), file.Metadata));
        });

    [Fact]
    public void Write_SomeTensors_HasTheReferenceLayout()
    {
        byte[] written = Write(
            [
                new TensorData("z\"\\\n\u0001é", SafetensorsDtype.U8, [1], new byte[] { 1 }),
                new TensorData("b", SafetensorsDtype.F32, [1], new byte[4]),
                new TensorData("a", SafetensorsDtype.F32, [], new byte[4]),
                new TensorData("i", SafetensorsDtype.I64, [1, 1], new byte[8]),
                new TensorData("h", SafetensorsDtype.F16, [0], Array.Empty<byte>()),
                new TensorData("w", SafetensorsDtype.BF16, [1], new byte[2]),
            ],
            null);
        string header = Encoding.UTF8.GetString(written.AsSpan(8, BitConverter.ToInt32(written)));
        const string Expected = """{"__metadata__":{"format":"pt"},"i":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}"""
            + ""","b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},"w":{"dtype":"BF16","shape":[1],"data_offsets":[16,18]},"h":{"dtype":"F16","shape":[0],"data_offsets":[18,18]}"""
            + ""","z\"\\\n\u0001é":{"dtype":"U8","shape":[1],"data_offsets":[18,19]}}""";
        Assert.Equal(Expected, header.TrimEnd(' '));
        Assert.Equal(0, Encoding.UTF8.GetByteCount(header) % 8);
    }

    [Fact]
    public void Write_NamesBeyondTheBasicPlane_AreSortedByTheirBytes()
    {
        // UTF-16 sorts the surrogate pair before U+FFFD, UTF-8 after it.
        byte[] written = Write([new TensorData("\U0001F600", SafetensorsDtype.U8, [0], default(ReadOnlyMemory<byte>)), new TensorData("\uFFFD", SafetensorsDtype.U8, [0], default(ReadOnlyMemory<byte>))], null);
        string header = Encoding.UTF8.GetString(written);
        Assert.True(header.IndexOf('\uFFFD', StringComparison.Ordinal) < header.IndexOf("\U0001F600", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a", new long[] { 2 }, 4, "gives 4 bytes")]
    [InlineData("a", new long[] { 2 }, 9, "gives 9 or more bytes")]
    [InlineData("a", new long[] { -2 }, 8, "negative")]
    [InlineData("a", new long[] { long.MaxValue, 2 }, 8, "overflows")]
    [InlineData("__metadata__", new long[] { 2 }, 8, "is taken")]
    public void Write_WhatCannotBe_IsRefusedAndTheOldFileKept(string name, long[] shape, int bytes, string fault)
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("model.safetensors");
        File.WriteAllText(path, "old");
        var exception = Assert.Throws<SafetensorsFormatException>(() => SafetensorsWriter.Write(path, [new TensorData(name, SafetensorsDtype.F32, shape, new byte[bytes])]));
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(directory.Path));
    }

    [Fact]
    public void Write_HalfASurrogatePair_IsRefused()
    {
        var tensor = new TensorData("\ud800", SafetensorsDtype.U8, [1], new byte[1]);
        Assert.Contains("surrogate", Assert.Throws<SafetensorsFormatException>(() => Write([tensor], null)).Message, StringComparison.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "\udc00" };
        Assert.Contains("surrogate", Assert.Throws<SafetensorsFormatException>(() => Write([], metadata)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TwoOfOneName_IsRefused()
    {
        var tensor = new TensorData("a", SafetensorsDtype.U8, [1], new byte[1]);
        Assert.Contains("'a' is taken", Assert.Throws<SafetensorsFormatException>(() => Write([tensor, tensor], null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_HeaderOverTheLimit_IsRefused()
    {
        var tensor = new TensorData(new string('n', 100_000_000), SafetensorsDtype.U8, [1], new byte[1]);
        Assert.Contains("allows 100000000", Assert.Throws<SafetensorsFormatException>(() => Write([tensor], null)).Message, StringComparison.Ordinal);
    }

    private static bool IsText(string text) => !text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar);

    private static byte[] Write(IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}
