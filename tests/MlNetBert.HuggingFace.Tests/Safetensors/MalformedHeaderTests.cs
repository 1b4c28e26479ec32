using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.HuggingFace.Tests.Support;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Safetensors;

/// <summary>Every refusal that the format asks for, each with its own message that names file, tensor and values.</summary>
public sealed class MalformedHeaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Open_FewerThanEightBytes_Refused(int length) => Refused(new byte[length], $"has {length} bytes");

    [Theory]
    [InlineData(100_000_001)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void Open_HeaderOverTheLimit_Refused(long length) => Refused(Bytes.Safetensors("{}", length: length), $"{(ulong)length} bytes; the format allows 100000000");

    [Theory]
    [InlineData(3)]
    [InlineData(100_000_000)]
    public void Open_HeaderPastTheEnd_Refused(long length) => Refused(Bytes.Safetensors("{}", length: length), $"{length} bytes, but only 2 follow");

    [Fact]
    public void Open_HeaderNotUtf8_Refused() => Refused(Bytes.Safetensors([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)'}']), "not UTF-8");

    [Theory]
    [InlineData("""{"a":}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}""")]
    [InlineData("""{} x""")]
    [InlineData("""{}{}""")]
    [InlineData("""{"a" 1}""")]
    [InlineData("""{/*c*/}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}""")]
    public void Open_HeaderNotJson_Refused(string header) => Refused(Bytes.Safetensors(header, 4), "not JSON");

    [Fact]
    public void Open_DeepNesting_Refused() =>
        Refused(Bytes.Safetensors($$$"""{"a":{"x":{{{new string('[', 100_000)}}}{{{new string(']', 100_000)}}}}}"""), "not JSON");

    [Theory]
    [InlineData("1", "object")]
    [InlineData("[]", "array")]
    [InlineData("null", "null")]
    public void Open_TensorNoObject_Refused(string value, string found) => Refused(Bytes.Safetensors($$$"""{"a":{{{value}}}}"""), "'a' must be an object", found);

    [Theory]
    [InlineData("""{"shape":[],"data_offsets":[0,4]}""", "no dtype")]
    [InlineData("""{"dtype":"F32","data_offsets":[0,4]}""", "no shape")]
    [InlineData("""{"dtype":"F32","shape":[]}""", "no data_offsets")]
    [InlineData("""{"dtype":3,"shape":[],"data_offsets":[0,4]}""", "no string: 3")]
    [InlineData("""{"dtype":"F32","shape":4,"data_offsets":[0,4]}""", "no array: 4")]
    [InlineData("""{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}""", "no number: the string '1'")]
    [InlineData("""{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}""", "no number: an array")]
    [InlineData("""{"dtype":"F32","shape":[null],"data_offsets":[0,4]}""", "no number: null")]
    [InlineData("""{"dtype":"F32","shape":[],"data_offsets":[4]}""", "two data_offsets")]
    [InlineData("""{"dtype":"F32","shape":[],"data_offsets":[0,4,8]}""", "two data_offsets")]
    [InlineData("""{"dtype":"F32","shape":[],"data_offsets":{"0":4}}""", "no array: an object")]
    public void Open_WrongType_Refused(string tensor, string fault) => Refused(Bytes.Safetensors($$$"""{"a":{{{tensor}}}}""", 4), "tensor 'a'", fault);

    [Theory]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData("1e3")]
    [InlineData("1.0")]
    [InlineData("1E0")]
    public void Open_NumberThatIsNoPlainWhole_Refused(string number)
    {
        Refused(Bytes.Safetensors($$$"""{"a":{"dtype":"F32","shape":[{{{number}}}],"data_offsets":[0,4]}}""", 4), "tensor 'a'", "shape", number);
        Refused(Bytes.Safetensors($$$"""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,{{{number}}}]}}""", 4), "tensor 'a'", "data_offsets", number);
    }

    [Theory]
    [InlineData("f32")]
    [InlineData("F31")]
    [InlineData("")]
    public void Open_UnknownDtype_Refused(string dtype) =>
        Refused(Bytes.Safetensors($$$"""{"a":{"dtype":"{{{dtype}}}","shape":[1],"data_offsets":[0,4]}}""", 4), "tensor 'a'", $"dtype '{dtype}'", "BF16");

    [Theory]
    [InlineData("""{"__metadata__":{"epoch":3}}""", "'epoch' must be a string, but is 3")]
    [InlineData("""{"__metadata__":{"a":{"b":"c"}}}""", "'a' must be a string, but is an object")]
    [InlineData("""{"__metadata__":{"a":null}}""", "'a' must be a string, but is null")]
    [InlineData("""{"__metadata__":"pt"}""", "must be an object of strings")]
    [InlineData("""{"__metadata__":null}""", "must be an object of strings")]
    public void Open_MetadataNoStrings_Refused(string header, string fault) => Refused(Bytes.Safetensors(header), "__metadata__", fault);

    [Theory]
    [InlineData("", "nothing but white space")]
    [InlineData("   ", "nothing but white space")]
    [InlineData("[]", "'['")]
    [InlineData("\0{}", "0x00")]
    [InlineData("\uFEFF{}", "0xEF")]
    public void Open_HeaderDoesNotStartWithABrace_Refused(string header, string found) => Refused(Bytes.Safetensors(header), "must start with '{'", found);

    [Fact]
    public void Open_LeadingAndTrailingWhiteSpace_Accepted()
    {
        using var file = SafetensorsFile.Open(Bytes.Safetensors(" \n\t{}\r  "), "test");
        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void Open_Hole_Refused() => Refused(Two("[0,4]", "[8,12]", 12), "tensor 'b' begins at 8", "end of tensor 'a' is at 4", "hole of 4");

    [Fact]
    public void Open_HoleAtTheStart_Refused() => Refused(Two("[4,8]", "[8,12]", 12), "tensor 'a' begins at 4", "hole of 4");

    [Fact]
    public void Open_Overlap_Refused() => Refused(Two("[0,4]", "[2,6]", 6), "tensor 'b' begins at 2", "overlap of 2");

    [Fact]
    public void Open_SameBytesTwice_Refused() => Refused(Two("[0,4]", "[0,4]", 4), "overlap of 4");

    [Fact]
    public void Open_EndBeforeBegin_Refused() => Refused(Two("[0,4]", "[8,4]", 4), "tensor 'b'", "[8, 4]");

    [Theory]
    [InlineData("[4294967296,4294967296]")]
    [InlineData("[9223372036854775807]")]
    [InlineData("[9223372036854775808]")]
    [InlineData("[99999999999999999999999]")]
    [InlineData("[4611686018427387904,4,0]")]
    public void Open_ShapeOverflows_Refused(string shape) =>
        Refused(Bytes.Safetensors($$$"""{"a":{"dtype":"F32","shape":{{{shape}}},"data_offsets":[0,4]}}""", 4), "tensor 'a'", "overflows 64 bits");

    [Theory]
    [InlineData("[2]", "needs 8")]
    [InlineData("[0]", "needs 0")]
    public void Open_SizeIsNotShapeTimesWidth_Refused(string shape, string needs) =>
        Refused(Bytes.Safetensors($$$"""{"a":{"dtype":"F32","shape":{{{shape}}},"data_offsets":[0,4]}}""", 4), "tensor 'a' has 4 bytes", "F32", needs);

    [Theory]
    [InlineData(11, "cut short")]
    [InlineData(9, "cut short")]
    [InlineData(13, "1 bytes belong to no tensor")]
    public void Open_BufferOfAnotherLength_Refused(int buffer, string fault) => Refused(Two("[0,4]", "[4,8]", buffer == 13 ? 9 : buffer - 4), "'b' ends at 8", fault);

    [Fact]
    public void Open_BytesButNoTensor_Refused() => Refused(Bytes.Safetensors("{}", 1), "there are no tensors", "1 bytes");

    [Fact]
    public void Open_DuplicateNames_Refused()
    {
        const string Tensor = """{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""";
        Refused(Bytes.Safetensors($$$"""{"a":{{{Tensor}}},"a":{{{Tensor}}}}""", 4), "'a' comes twice");
        Refused(Bytes.Safetensors($$$"""{"a":{{{Tensor}}},"\u0061":{{{Tensor}}}}""", 4), "'a' comes twice");
        Refused(Bytes.Safetensors("""{"__metadata__":{},"__metadata__":{}}"""), "'__metadata__' comes twice");
        Refused(Bytes.Safetensors("""{"__metadata__":{"x":"1","x":"2"}}"""), "'x' comes twice");
        Refused(Bytes.Safetensors("""{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}""", 4), "tensor 'a' has 'dtype' twice");
    }

    [Theory]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"\ud800","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"__metadata__":{"a":"\udc00"}}""")]
    public void Open_HalfASurrogatePair_Refused(string header) => Refused(Bytes.Safetensors(header, 4), "no text");

    [Fact]
    public void Open_NameOfAMebibyte_IsShortenedInTheMessage()
    {
        string name = new('n', 1 << 20);
        var exception = Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(Bytes.Safetensors($$$"""{"{{{name}}}":1}"""), "test"));
        Assert.True(exception.Message.Length < 1000);
        Assert.Equal(name, exception.Tensor);
    }

    [Fact]
    public void Open_FileOnDisk_NamesItAndLetsGoOfIt()
    {
        using var directory = new TemporaryDirectory();
        foreach (byte[] content in new[] { [], new byte[3], Bytes.Safetensors("{x"), Two("[0,4]", "[8,12]", 12) })
        {
            string path = directory.File("model.safetensors");
            File.WriteAllBytes(path, content);
            Assert.Equal(path, Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(path)).FilePath);
            using (File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                // Nobody holds it.
            }
        }
        Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(directory.Path));
        Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(directory.File("absent")));
    }

    private static byte[] Two(string first, string second, int buffer) => Bytes.Safetensors(
        $$$"""{"b":{"dtype":"F32","shape":[1],"data_offsets":{{{second}}}},"a":{"dtype":"F32","shape":[1],"data_offsets":{{{first}}}}}""", buffer);

    private static void Refused(byte[] file, params string[] parts)
    {
        var exception = Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(file, "test.safetensors"));
        Assert.Equal("test.safetensors", exception.FilePath);
        Assert.StartsWith("test.safetensors: ", exception.Message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }
}
