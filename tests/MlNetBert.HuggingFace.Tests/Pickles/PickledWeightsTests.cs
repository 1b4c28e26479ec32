using System.Buffers.Binary;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.HuggingFace.Tests.Support;

namespace MlNetBert.HuggingFace.Tests.Pickles;

public sealed class PickledWeightsTests
{
    public static TheoryData<string> Layouts =>
    [
        "bfloat16", "buffers", "deduplicated-names", "double", "gamma-beta", "half", "legacy", "nested", "parameters", "plain-dict", "protocol-4",
        "sharded", "tied", "transposed", "views", "zip",
    ];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void OpenWeights_EveryLayoutOfTorchSave_HasTheValues(string layout)
    {
        string directory = Shared.Require($"golden/pickles/good/{layout}");
        using var weights = ModelDirectory.Open(directory).OpenWeights();
        using var expected = SafetensorsFile.Open(Path.Combine(directory, "expected.safetensors"));
        string Named(string name) => name.Replace("LayerNorm.weight", layout == "gamma-beta" ? "LayerNorm.gamma" : "LayerNorm.weight", StringComparison.Ordinal)
            .Replace("LayerNorm.bias", layout == "gamma-beta" ? "LayerNorm.beta" : "LayerNorm.bias", StringComparison.Ordinal);
        Assert.NotEmpty(expected.Names);
        foreach (string name in expected.Names)
        {
            var tensor = weights.Describe(Named(name));
            Assert.Equal(expected.Describe(name).Shape, tensor.Shape);
            float[] values = Floats(weights.GetBytes(tensor.Name), tensor.Dtype);
            Assert.Equal(Floats(expected.GetBytes(name), expected.Describe(name).Dtype), values);
            using var stream = weights.OpenRead(tensor.Name);
            byte[] streamed = new byte[tensor.ByteLength];
            stream.ReadExactly(streamed);
            Assert.Equal(values, Floats(streamed, tensor.Dtype));
            Assert.Equal(-1, stream.ReadByte());
        }
    }

    [Fact]
    public void FromFile_HostileFiles_AreRefusedAndNothingIsRun()
    {
        string directory = Shared.Require("golden/pickles/hostile");
        string[] files = Directory.GetFiles(directory, "*.bin");
        Assert.NotEmpty(files);
        using var temporary = new TemporaryDirectory();
        foreach (string file in files)
        {
            var exception = Assert.Throws<ModelFormatException>(() => CheckpointWeights.FromFile(file).Dispose());
            Assert.StartsWith(file, exception.Message, StringComparison.Ordinal);
            Assert.InRange(exception.Message.Length, file.Length + 15, file.Length + 400);
        }
        Assert.False(File.Exists(Path.Combine(directory, "PWNED")));
        Assert.False(File.Exists("PWNED"));
    }

    [Fact]
    public void FromFile_CodeInAPickle_IsNamed()
    {
        string file = Shared.Require("golden/pickles/hostile/os-system.bin");
        var exception = Assert.Throws<ModelFormatException>(() => CheckpointWeights.FromFile(file).Dispose());
        Assert.Contains("'posix.system'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("nothing of it was run", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    [InlineData("protocol-4")]
    public void FromFile_DamagedFiles_AreReadOrRefused(string layout)
    {
        byte[] whole = File.ReadAllBytes(Shared.Require($"golden/pickles/good/{layout}/pytorch_model.bin"));
        using var temporary = new TemporaryDirectory();
        string path = temporary.File("pytorch_model.bin");
        var random = new Random(7);
        int refused = 0;
        for (int round = 0; round < Fuzz.Cases / 10; round++)
        {
            File.WriteAllBytes(path, Fuzz.Mutate(whole, random));
            try
            {
                using var weights = CheckpointWeights.FromFile(path);
                foreach (string name in weights.Names)
                    weights.GetBytes(name);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1, Fuzz.Cases);
    }

    private static float[] Floats(ReadOnlySpan<byte> bytes, SafetensorsDtype dtype)
    {
        float[] values = new float[bytes.Length / dtype.ByteWidth()];
        for (int place = 0; place < values.Length; place++)
        {
            var value = bytes[(place * dtype.ByteWidth())..];
            values[place] = dtype switch
            {
                SafetensorsDtype.F64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(value),
                SafetensorsDtype.F32 => BinaryPrimitives.ReadSingleLittleEndian(value),
                SafetensorsDtype.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(value),
                SafetensorsDtype.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(value) << 16),
                SafetensorsDtype.I64 => BinaryPrimitives.ReadInt64LittleEndian(value),
                _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, null),
            };
        }
        return values;
    }
}
