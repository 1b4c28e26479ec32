using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.HuggingFace.Tests.Support;

namespace MlNetBert.HuggingFace.Tests.Pickles;

/// <summary>Files that PyTorch wrote, in every layout that torch.save has had, and such as are made to do harm.</summary>
public sealed class GoldenPickleTests
{
    public static TheoryData<string> Layouts =>
    [
        "bfloat16", "buffers", "deduplicated-names", "double", "gamma-beta", "half", "legacy", "nested", "parameters", "plain-dict",
        "protocol-4",
        "sharded", "tied", "transposed", "views", "zip",
    ];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void OpenWeights_EveryLayoutOfTorchSave_HasTheValues(string layout)
    {
        string directory = Shared.Require($"golden/pickles/good/{layout}");
        using var weights = ModelDirectory.Open(directory).OpenWeights();
        using var expected = SafetensorsFile.Open(Path.Combine(directory, "expected.safetensors"));
        Assert.NotEmpty(expected.Names);
        foreach (string name in expected.Names)
        {
            string stored = layout == "gamma-beta"
                ? name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
                    .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal)
                : name;
            var tensor = weights.Describe(stored);
            Assert.Equal(expected.Describe(name).Shape, tensor.Shape);
            Assert.Equal(Floats(expected.GetBytes(name), expected.Describe(name).Dtype), Floats(weights.GetBytes(stored), tensor.Dtype));
            using var stream = weights.OpenRead(stored);
            byte[] streamed = new byte[tensor.ByteLength];
            stream.ReadExactly(streamed);
            Assert.Equal(weights.GetBytes(stored).ToArray(), streamed);
            Assert.Equal(-1, stream.ReadByte());
        }
    }

    [Fact]
    public void FromFile_HostileFiles_AreRefusedWithWhatToDoAndNothingIsRun()
    {
        string directory = Shared.Require("golden/pickles/hostile");
        string[] files = Directory.GetFiles(directory, "*.bin");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var exception = Assert.Throws<ModelFormatException>(() => CheckpointWeights.FromFile(file).Dispose());
            Assert.StartsWith($"{file}: ", exception.Message, StringComparison.Ordinal);
            Assert.InRange(exception.Message.Length, file.Length + 30, file.Length + 400);
            Assert.True(exception.Message.Contains("again", StringComparison.Ordinal)
                || exception.Message.Contains("In Python", StringComparison.Ordinal)
                || exception.Message.Contains("in Python", StringComparison.Ordinal)
                    || exception.Message.Contains("Get the", StringComparison.Ordinal)
                || exception.Message.Contains("git lfs pull", StringComparison.Ordinal), exception.Message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        }

        Assert.Empty(Directory.EnumerateFiles(directory, "PWNED*"));
        Assert.False(File.Exists("PWNED"));
    }

    [Theory]
    [InlineData("os-system", "'posix.system'")]
    [InlineData("stack-global", "'posix.system'")]
    [InlineData("global-reduce", "'os.system'")]
    [InlineData("eval", "eval'")]
    [InlineData("exec-protocol-4", "'builtins.exec'")]
    [InlineData("getattr-chain", "'builtins.getattr'")]
    [InlineData("torch-load", "'torch.serialization.load'")]
    public void FromFile_CodeInAPickle_IsNamed(string name, string code)
    {
        string file = Shared.Require($"golden/pickles/hostile/{name}.bin");
        var exception = Assert.Throws<ModelFormatException>(() => CheckpointWeights.FromFile(file).Dispose());
        Assert.Contains(code, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing of it was run", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    [InlineData("protocol-4")]
    public void Open_DamagedFilesOfPyTorch_OnlyTheTypedException(string layout)
    {
        byte[] whole = File.ReadAllBytes(Shared.Require($"golden/pickles/good/{layout}/pytorch_model.bin"));
        PickleFuzzTests.Run([whole], Fuzz.Cases / 10);
    }

    private static float[] Floats(ReadOnlySpan<byte> bytes, SafetensorsDtype dtype)
    {
        float[] values = new float[bytes.Length / dtype.ByteWidth()];
        if (dtype == SafetensorsDtype.I64)
        {
            for (int place = 0; place < values.Length; place++)
                values[place] = BitConverter.ToInt64(bytes[(place * 8)..]);
        }
        else
        {
            TensorConversion.ToSingle(bytes, dtype, values);
        }

        return values;
    }
}
