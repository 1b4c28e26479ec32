using System.Text;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.HuggingFace.Tests.Support;

namespace MlNetBert.HuggingFace.Tests.Safetensors;

/// <summary>Damaged input gives the typed exception or a file that can be read, and never costs more memory than its size warrants.</summary>
public sealed class FuzzTests
{
    private const string Index = """{"metadata":{"total_size":3},"weight_map":{"bert.a":"model-00001-of-00002.safetensors","bert.b":"model-00002-of-00002.safetensors"}}""";

    [Fact]
    public void Open_DamagedSafetensors_OnlyTheTypedException()
    {
        byte[][] seeds = [.. Seeds()];
        int opened = Run(seeds, bytes =>
        {
            using var file = SafetensorsFile.Open(bytes, "fuzz.safetensors");
            foreach (var tensor in file.Tensors.Values)
                Assert.Equal(tensor.ByteLength, file.GetBytes(tensor.Name).Length);
        });
        Assert.True(opened > 0, "no damaged file opened at all: the mutations are too coarse to test anything");
    }

    [Fact]
    public void Open_DamagedHeaderWithItsLengthMended_OnlyTheTypedException()
    {
        byte[][] headers = [.. Seeds().Select(seed => seed[8..(8 + BitConverter.ToInt32(seed))])];
        int opened = Run(headers, header =>
        {
            using var file = SafetensorsFile.Open(Bytes.Safetensors(header, 26), "fuzz.safetensors");
            foreach (var tensor in file.Tensors.Values)
                Assert.Equal(tensor.ByteLength, file.GetBytes(tensor.Name).Length);
        });
        Assert.True(opened > 0, "no damaged file opened at all");
    }

    [Fact]
    public void Parse_DamagedIndex_OnlyTheTypedException()
    {
        int opened = Run([Encoding.UTF8.GetBytes(Index)], json =>
        {
            foreach (string shard in SafetensorsIndex.Parse(json, "index.json").Values)
                Assert.Equal(Path.GetFullPath("/model"), Path.GetDirectoryName(Path.GetFullPath(Path.Combine("/model", shard.Split('/')[0]))));
        });
        Assert.True(opened > 0, "no damaged index was read at all");
    }

    private static int Run(byte[][] seeds, Action<byte[]> read)
    {
        var random = new Random(20240131);
        int opened = 0;
        for (int i = 0; i < Fuzz.Cases; i++)
        {
            byte[] input = Fuzz.Mutate(seeds[i % seeds.Length], random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(input);
                opened++;
            }
            catch (SafetensorsFormatException)
            {
                // What damaged input shall give.
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"case {i}, {Convert.ToHexString(input)}: {exception}");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 300_000 + (200 * input.Length), $"case {i} of {input.Length} bytes allocated {allocated}: {Convert.ToHexString(input)}");
        }
        return opened;
    }

    private static IEnumerable<byte[]> Seeds()
    {
        yield return Write([]);
        yield return Write([
            new TensorData("embeddings.position_ids", SafetensorsDtype.I64, [1, 2], new byte[16]),
            new TensorData("bert.a", SafetensorsDtype.F32, [2], new byte[8]),
            new TensorData("bert.b", SafetensorsDtype.BF16, [], new byte[2]),
            new TensorData("é\"", SafetensorsDtype.U8, [0, 3], Array.Empty<byte>())]);
        yield return Bytes.Safetensors("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[22],"data_offsets":[4,26]}}""", 26);
    }

    private static byte[] Write(TensorData[] tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors);
        return stream.ToArray();
    }
}
