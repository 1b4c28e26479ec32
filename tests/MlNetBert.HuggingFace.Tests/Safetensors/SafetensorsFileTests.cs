using System.Runtime.InteropServices;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.HuggingFace.Tests.Support;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Safetensors;

public sealed class SafetensorsFileTests
{
    [Fact]
    public void Open_LegalOddities_AreRead()
    {
        const string Header = """
            {"scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"empty":{"dtype":"I64","shape":[0,7],"data_offsets":[4,4]},
            "none":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]},"later":{"shape":[1],"data_offsets":[4,6],"dtype":"F16","note":{"x":[1e3]}},"":{"dtype":"BOOL","shape":[1],"data_offsets":[6,7]}}
            """;
        byte[] bytes = Bytes.Safetensors(Header, 7);
        MemoryMarshal.Write(bytes.AsSpan(bytes.Length - 7), float.NaN);
        using var file = SafetensorsFile.Open(bytes, "test");
        Assert.Equal(5, file.Tensors.Count);
        Assert.True(float.IsNaN(MemoryMarshal.Read<float>(file.GetBytes("scalar"))));
        Assert.Equal(1, file.Describe("scalar").ElementCount);
        Assert.Equal(0, file.Describe("empty").ElementCount);
        Assert.True(file.GetBytes("none").IsEmpty);
        Assert.Equal([1L], file.Describe("later").Shape);
        Assert.Equal(1, file.GetBytes("").Length);
        Assert.Equal("later F16 [1]", file.Describe("later").ToString());
    }

    [Theory]
    [InlineData("BOOL", 1)]
    [InlineData("U8", 1)]
    [InlineData("I8", 1)]
    [InlineData("F8_E4M3", 1)]
    [InlineData("F8_E5M2", 1)]
    [InlineData("I16", 2)]
    [InlineData("U16", 2)]
    [InlineData("F16", 2)]
    [InlineData("BF16", 2)]
    [InlineData("I32", 4)]
    [InlineData("U32", 4)]
    [InlineData("F32", 4)]
    [InlineData("I64", 8)]
    [InlineData("U64", 8)]
    [InlineData("F64", 8)]
    public void Open_EveryDtype_HasItsWidth(string name, int width)
    {
        using var file = SafetensorsFile.Open(Bytes.Safetensors($$$"""{"a":{"dtype":"{{{name}}}","shape":[3],"data_offsets":[0,{{{3 * width}}}]}}""", 3 * width), "test");
        Assert.Equal(name, file.Describe("a").Dtype.ToName());
        Assert.Equal(3, file.Describe("a").ElementCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dispose_ThenUse_IsObjectDisposed(bool mapped)
    {
        using var directory = new TemporaryDirectory();
        var file = OpenTwo(directory, mapped);
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.GetBytes("a").Length);
        Assert.Throws<ObjectDisposedException>(() => file.Pin("a"));
        Assert.Throws<ObjectDisposedException>(() => file.OpenRead("a"));
        Assert.Equal(2, file.Names.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void Pin_FileDisposedMeanwhile_StaysReadable(bool mapped)
    {
        using var directory = new TemporaryDirectory();
        var file = OpenTwo(directory, mapped);
        using var pinned = file.Pin("b");
        using var stream = file.OpenRead("b");
        file.Dispose();
        Assert.Equal([5f, 6f], new ReadOnlySpan<float>((void*)pinned.Address, 2).ToArray());
        Assert.Equal(8, pinned.ByteLength);
        byte[] bytes = new byte[8];
        stream.ReadExactly(bytes);
        Assert.Equal([5f, 6f], MemoryMarshal.Cast<byte, float>(bytes).ToArray());
    }

    [Fact]
    public void GetBytes_ManyThreads_SameBytes()
    {
        using var directory = new TemporaryDirectory();
        using var file = OpenTwo(directory, mapped: true);
        Parallel.For(0, 1000, i =>
        {
            string name = i % 2 == 0 ? "a" : "b";
            Assert.Equal(name == "a" ? 1f : 5f, MemoryMarshal.Read<float>(file.GetBytes(name)));
            using var pinned = file.Pin(name);
        });
    }

    [Fact]
    public void Describe_NoSuchTensor_NamesItAndSomeThatAreThere()
    {
        using var directory = new TemporaryDirectory();
        using var file = OpenTwo(directory, mapped: true);
        var exception = Assert.Throws<SafetensorsFormatException>(() => file.GetBytes("bert.absent").Length);
        Assert.Equal("bert.absent", exception.Tensor);
        Assert.Contains("a, b", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SparseFileOf400Megabytes_AllocatesNothingProportional()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("large.safetensors");
        const long Size = 400_000_000;
        using (var stream = File.Create(path))
        {
            stream.Write(Bytes.Safetensors($$$"""{"a":{"dtype":"F32","shape":[{{{Size / 4}}}],"data_offsets":[0,{{{Size}}}]}}"""));
            stream.SetLength(stream.Length + Size);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var file = SafetensorsFile.Open(path);
        using var tensor = file.OpenRead("a");
        tensor.Position = tensor.Length - 1;
        Assert.Equal(0, tensor.ReadByte());
        Assert.Equal(-1, tensor.ReadByte());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void GetBytes_FileCutShortWhileItIsOpen_IsAnErrorThatSaysSo()
    {
        using var directory = new TemporaryDirectory();
        using var file = OpenTwo(directory, mapped: true);
        using var stream = file.OpenRead("b");
        using (var cut = new FileStream(file.Name, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            cut.SetLength(100);

        Assert.All(
            [() => file.GetBytes("b"), () => file.Pin("b").Dispose(), () => stream.ReadExactly(new byte[8])],
            (Action read) => Assert.Contains("was cut short while it was open", Assert.Throws<SafetensorsFormatException>(read).Message, StringComparison.Ordinal));
    }

    private static SafetensorsFile OpenTwo(TemporaryDirectory directory, bool mapped)
    {
        string path = directory.File("two.safetensors");
        SafetensorsWriter.Write(path, [
            TensorData.From<float>("b", SafetensorsDtype.F32, [2], new float[] { 5, 6 }),
            TensorData.From<float>("a", SafetensorsDtype.F32, [2, 2], new float[] { 1, 2, 3, 4 })]);
        return mapped ? SafetensorsFile.Open(path) : SafetensorsFile.Open(File.ReadAllBytes(path), path);
    }
}
