using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Safetensors;

public sealed class ShardedWeightsTests
{
    private const string GoodIndex = """{"metadata":{"total_size":3},"weight_map":{"a":"one.safetensors","b":"two.safetensors","c":"two.safetensors"}}""";

    [Fact]
    public void FromIndex_TwoShards_GivesAllTensors()
    {
        using var directory = Shards();
        using var weights = Open(directory, GoodIndex);
        Assert.Equal(["a", "b", "c"], weights.Names.Order(StringComparer.Ordinal));
        Assert.Equal([3], weights.GetBytes("c").ToArray());
        Assert.Equal("b", weights.Describe("b").Name);
        using (var stream = weights.OpenRead("a"))
            Assert.Equal(1, stream.ReadByte());
        Assert.Contains("'d'", Assert.Throws<SafetensorsFormatException>(() => weights.Describe("d")).Message, StringComparison.Ordinal);
        weights.Dispose();
        Assert.Throws<ObjectDisposedException>(() => weights.GetBytes("a").Length);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors","c":"three.safetensors"}}""", "'three.safetensors'")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"one.safetensors","c":"two.safetensors"}}""", "'b' is in 'one.safetensors', but it is not")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""", "does not name tensor 'c'")]
    [InlineData("""{"weight_map":{"a":"../one.safetensors"}}""", "refused")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "refused")]
    [InlineData("""{"weight_map":{"a":"C:\\one.safetensors"}}""", "refused")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","a":"two.safetensors"}}""", "'a' comes twice")]
    [InlineData("""{"weight_map":{},"weight_map":{}}""", "twice")]
    [InlineData("""{"weight_map":{"a":1}}""", "a file's name")]
    [InlineData("""{"weight_map":[]}""", "must be an object")]
    [InlineData("""{"metadata":{}}""", "no weight_map")]
    [InlineData("""[]""", "JSON object")]
    [InlineData("""{"weight_map":{}""", "not JSON")]
    [InlineData("", "not JSON")]
    public void FromIndex_Contradiction_IsRefused(string index, string fault)
    {
        using var directory = Shards();
        var exception = Assert.Throws<SafetensorsFormatException>(() => Open(directory, index));
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
        Assert.Equal(directory.File("model.safetensors.index.json"), exception.FilePath);
    }

    [Fact]
    public void FromIndex_TensorInTwoShards_IsRefused()
    {
        using var directory = Shards();
        SafetensorsWriter.Write(directory.File("two.safetensors"), [Byte("a", 9), Byte("b", 2), Byte("c", 3)]);
        Assert.Contains("one of that name too", Assert.Throws<SafetensorsFormatException>(() => Open(directory, GoodIndex)).Message, StringComparison.Ordinal);
    }

    private static ICheckpointWeights Open(TemporaryDirectory directory, string index)
    {
        File.WriteAllText(directory.File("config.json"), "{}");
        File.WriteAllText(directory.File("model.safetensors.index.json"), index);
        return ModelDirectory.Open(directory.Path).OpenWeights();
    }

    private static TemporaryDirectory Shards()
    {
        var directory = new TemporaryDirectory();
        SafetensorsWriter.Write(directory.File("one.safetensors"), [Byte("a", 1)]);
        SafetensorsWriter.Write(directory.File("two.safetensors"), [Byte("b", 2), Byte("c", 3)]);
        return directory;
    }

    private static TensorData Byte(string name, byte value) => new(name, SafetensorsDtype.U8, [1], new[] { value });
}
