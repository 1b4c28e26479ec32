using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.HuggingFace.Tests.Support;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Safetensors;

/// <summary>Every file that Hugging Face wrote opens, and is written again byte for byte.</summary>
public sealed class GoldenFileTests
{
    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("reference.safetensors")]
    public void Write_CopiedGoldenFile_SameBytes(string name) => AssertSameBytes(Path.Combine(AppContext.BaseDirectory, "Goldens", name));

    [Fact]
    public void Write_EveryGoldenFile_SameBytes()
    {
        string golden = Shared.Require("golden");
        var files = Directory.EnumerateFiles(golden, "*.safetensors", SearchOption.AllDirectories).ToList();
        Assert.True(files.Count > 40, $"found {files.Count} files");
        foreach (string path in files)
            AssertSameBytes(path);
    }

    [Fact]
    public void Write_RealCheckpoint_SameBytesWithoutCopyingIt()
    {
        string path = Path.Combine(Shared.Require("models/all-MiniLM-L6-v2"), "model.safetensors");
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (var file = SafetensorsFile.Open(path))
        {
            Assert.Contains("embeddings.word_embeddings.weight", file.Names);
            using (var tensor = file.OpenRead("embeddings.word_embeddings.weight"))
                Assert.True(tensor.ReadByte() >= 0);
        }
        long opening = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(opening < 1_000_000, $"opening {new FileInfo(path).Length} bytes allocated {opening}");
        AssertSameBytes(path);
    }

    private static void AssertSameBytes(string path)
    {
        using var directory = new TemporaryDirectory();
        string copy = directory.File("copy.safetensors");
        using var file = SafetensorsFile.Open(path);
        var tensors = file.Tensors.Values.Select(tensor => new TensorData(tensor.Name, tensor.Dtype, tensor.Shape, stream =>
        {
            using var source = file.OpenRead(tensor.Name);
            source.CopyTo(stream);
        }));
        SafetensorsWriter.Write(copy, tensors, file.Metadata);
        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(copy)), path);
    }
}
