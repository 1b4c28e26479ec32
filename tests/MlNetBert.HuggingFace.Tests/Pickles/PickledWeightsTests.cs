using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MlNetBert.HuggingFace.Pickles;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Pickles;

/// <summary>Tensors of files that are made here, and what is refused of them.</summary>
public sealed class PickledWeightsTests
{
    private const string Name = "pytorch_model.bin";

    private static readonly byte[] Twelve = [.. Enumerable.Range(1, 12).SelectMany(value => BitConverter.GetBytes((float)value))];

    /// <summary>Bytes, whether they are the format before 1.6.</summary>
    public static TheoryData<string> Formats => ["zip", "old"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Open_EveryType_HasItsBytes(string format)
    {
        SafetensorsDtype[] dtypes =
        [
            SafetensorsDtype.F64, SafetensorsDtype.F32, SafetensorsDtype.F16, SafetensorsDtype.BF16, SafetensorsDtype.I64,
            SafetensorsDtype.I32,
            SafetensorsDtype.I16, SafetensorsDtype.I8, SafetensorsDtype.U8, SafetensorsDtype.Bool,
        ];
        var tensors = dtypes.Select((dtype, number) => (
            new SafetensorsTensor(dtype.ToName(), dtype, [2, 3], 0, 6 * dtype.ByteWidth()),
            Enumerable.Range(number, 6 * dtype.ByteWidth()).Select(value => (byte)value).ToArray())).ToList();

        using var weights = Open(format == "old" ? TorchFile.Old(tensors) : TorchFile.Archive(tensors));

        Assert.Equal(dtypes.Select(dtype => dtype.ToName()), weights.Names);
        Assert.Empty(weights.Notes);
        foreach (var (tensor, bytes) in tensors)
        {
            Assert.Equal(
                (tensor.Dtype, tensor.ByteLength), (weights.Describe(tensor.Name).Dtype, weights.Describe(tensor.Name).ByteLength));
            Assert.Equal(tensor.Shape, weights.Describe(tensor.Name).Shape);
            Assert.Equal(bytes, weights.GetBytes(tensor.Name).ToArray());
            Assert.Equal(bytes, Streamed(weights, tensor.Name));
        }
    }

    [Fact]
    public void Open_ScalarsAndEmptyTensors_AreRead()
    {
        using var weights = Open(One(pickle => pickle
            .Text("scalar").Tensor(Floats, [], offset: 11)
            .Text("empty").Tensor(Floats, [0, 3])
            .Text("far").Tensor(Floats, [2, 0], offset: 500)));

        Assert.Equal([12f], Values(weights, "scalar"));
        Assert.Empty(Values(weights, "empty"));
        Assert.Empty(Streamed(weights, "far"));
        Assert.Equal([2L, 0L], weights.Describe("far").Shape);
    }

    [Fact]
    public void GetBytes_ViewsWithStrides_AreInOrder()
    {
        using var weights = Open(One(pickle => pickle
            .Text("transposed").Tensor(Floats, [4, 3], [1, 4])
            .Text("column").Tensor(Floats, [3], [4], offset: 1)
            .Text("middle").Tensor(Floats, [3, 2], [4, 1], offset: 1)
            .Text("repeated").Tensor(Floats, [2, 3], [0, 1])));

        Assert.Equal([1f, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12], Values(weights, "transposed"));
        Assert.Equal([2f, 6, 10], Values(weights, "column"));
        Assert.Equal([2f, 3, 6, 7, 10, 11], Values(weights, "middle"));
        Assert.Equal([1f, 2, 3, 1, 2, 3], Values(weights, "repeated"));
        foreach (string name in weights.Names)
            Assert.Equal(weights.GetBytes(name).ToArray(), Streamed(weights, name));
    }

    [Fact]
    public void GetBytes_FewValuesFarApart_DoNotReadWhatLiesBetween()
    {
        const int Count = 1 << 20;
        float[] values = [.. Enumerable.Range(0, Count).Select(value => (float)value)];
        void Many(PickleBuilder pickle) => pickle.Storage("FloatStorage", "0", Count);
        byte[] file = One(
            pickle => pickle.Text("far").Tensor(Many, [4, 2], [Count / 4, 3], offset: 5), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        using var temporary = new TemporaryDirectory();
        File.WriteAllBytes(temporary.File(Name), file);
        using var weights = CheckpointWeights.FromFile(temporary.File(Name));

        long before = GC.GetAllocatedBytesForCurrentThread();
        float[] found = Values(weights, "far");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Count / 2);
        Assert.Equal([5f, 8, 262149, 262152, 524293, 524296, 786437, 786440], found);
    }

    /// <summary>Types without a storage of their own: the storage is bytes, and the tensor names the type and counts its offset in values.</summary>
    [Fact]
    public void Open_TensorsOverBytes_HaveTheirType()
    {
        void Bytes(PickleBuilder pickle) =>
            pickle.Mark().Text("storage").Global("torch.storage", "UntypedStorage").Text("0").Text("cpu").Number(48)
            .Tuple().PersistentId();
        PickleBuilder Typed(PickleBuilder pickle, string type, long count, long offset)
        {
            pickle.Global("torch._utils", "_rebuild_tensor_v3").Mark();
            Bytes(pickle);
            return pickle.Number(offset).Numbers([count]).Numbers([1]).False().OrderedDict().Global("torch", type).Tuple().Reduce();
        }

        using var weights = Open(One(pickle =>
        {
            Typed(pickle.Text("a"), "uint32", 11, offset: 1);
            Typed(pickle.Text("b"), "float8_e4m3fn", 48, offset: 0);
        }));

        Assert.Equal((SafetensorsDtype.U32, 44L), (weights.Describe("a").Dtype, weights.Describe("a").ByteLength));
        Assert.Equal(Twelve[4..], weights.GetBytes("a").ToArray());
        Assert.Equal(SafetensorsDtype.F8E4M3, weights.Describe("b").Dtype);
        Assert.Equal(Twelve, weights.GetBytes("b").ToArray());
        Refused("[12]", "beyond the 12", One(pickle => Typed(pickle.Text("a"), "uint32", 12, offset: 1)));
        Refused("'torch.complex64'", "complex", One(pickle => Typed(pickle.Text("a"), "complex64", 6, offset: 0)));
    }

    [Fact]
    public void Open_DictionaryOfPython2_IsRead()
    {
        byte[] pickle = new PickleBuilder().Global("collections", "OrderedDict").Mark().List()
            .List().Text("w").Append().Tensor(Floats, [12]).Append().Append().Tuple().Reduce().Stop().ToBytes();

        using var weights = Open(TorchFile.Archive(pickle, ("data/0", Twelve)));

        Assert.Equal(12, Values(weights, "w").Length);
    }

    [Fact]
    public void Open_MetadataOfModules_IsNoWeight()
    {
        byte[] pickle = new PickleBuilder().OrderedDict().Mark().Text("w").Tensor(Floats, [12]).SetItems()
            .Dictionary().Mark().Text("_metadata").OrderedDict().SetItems().Build().Stop().ToBytes();

        using var weights = Open(TorchFile.Archive(pickle, ("data/0", Twelve)));

        Assert.Equal(["w"], weights.Names);
    }

    [Fact]
    public void Open_TrainersCheckpoint_SaysWhatIsLeftOut()
    {
        using var weights = Open(One(pickle => pickle
            .Text("epoch").Number(3)
            .Text("state_dict").Dictionary().Mark().Text("w").Tensor(Floats, [12]).SetItems()
            .Text("optimizer").Dictionary()));

        Assert.Equal(["w"], weights.Names);
        Assert.Equal(
            $"{Name} is a trainer's checkpoint: the weights are those in its 'state_dict'; left out: 'epoch', 'optimizer'.",
            Assert.Single(weights.Notes));
    }

    [Fact]
    public void Open_NamesOfParallelTraining_LoseTheirPrefixAndItIsSaid()
    {
        using var all = Open(One(pickle => pickle.Text("module.a").Tensor(Floats, [12]).Text("module.b").Tensor(Floats, [12])));
        using var some = Open(One(pickle => pickle.Text("module.a").Tensor(Floats, [12]).Text("b").Tensor(Floats, [12])));

        Assert.Equal(["a", "b"], all.Names);
        Assert.Contains("'module.'", Assert.Single(all.Notes), StringComparison.Ordinal);
        Assert.Equal(["module.a", "b"], some.Names);
        Assert.Empty(some.Notes);
    }

    [Fact]
    public void Open_WhatNeedsMoreThanTensors_IsRefusedByName()
    {
        Refused("'torch.ComplexFloatStorage'", "complex", One(pickle => pickle
            .Text("w").Tensor(values => values.Storage("ComplexFloatStorage", "0", 12), [12])));
        Refused("'transformers.models.bert.modeling_bert.BertModel'", "torch.save(model)", One(pickle => pickle
            .Text("w").Global("transformers.models.bert.modeling_bert", "BertModel")));
        Refused("'numpy.core.multiarray.scalar'", "state_dict alone",
            One(pickle => pickle.Text("w").Global("numpy.core.multiarray", "scalar")));
        Refused("'torch._utils._rebuild_tensor_v2'", "dense tensor", One(pickle => pickle
            .Text("w").Tensor(Floats, [12], more: metadata => metadata.Dictionary().Mark().Text("neg").True().SetItems())));
        Refused("torch.save(model)", "state_dict", One(pickle => pickle.Text("w").Mark().Text("module").None().Tuple().PersistentId()));
        Refused("'w' among the tensors", "a number", One(pickle => pickle.Text("v").Tensor(Floats, [12]).Text("w").Number(1)));
        Refused("'state_dict' and 'model'", "cannot be told", One(pickle => pickle
            .Text("model").Dictionary().Mark().Text("w").Tensor(Floats, [12]).SetItems()
            .Text("state_dict").Dictionary().Mark().Text("w").Tensor(Floats, [12]).SetItems()));
        Refused("without a tensor: 'epoch'", "state_dict", One(pickle => pickle.Text("epoch").Number(3)));
    }

    [Fact]
    public void Open_TensorsBeyondTheirStorage_AreRefused()
    {
        Refused("[13]", "12 values", One(pickle => pickle.Text("w").Tensor(Floats, [13])));
        Refused("[3, 4]", "beyond the 12 values", One(pickle => pickle.Text("w").Tensor(Floats, [3, 4], [5, 1])));
        Refused("overflows", "[4611686018427387904, 4611686018427387904, 0]",
            One(pickle => pickle.Text("w").Tensor(Floats, [1L << 62, 1L << 62, 0])));
        Refused("two types", "'0'", One(pickle => pickle
            .Text("w").Tensor(Floats, [12]).Text("v").Tensor(values => values.Storage("IntStorage", "0", 12), [12])));
        Refused("48 bytes", "13 values", One(pickle => pickle.Text("w").Tensor(values => values.Storage("FloatStorage", "0", 13), [12])));
        Refused("is missing", "'1'", One(pickle => pickle.Text("w").Tensor(values => values.Storage("FloatStorage", "1", 12), [12])));
        Refused("names", "the same values", One(
            pickle =>
            {
                for (int number = 0; number < 1000; number++)
                    pickle.Text($"w{number}").Tensor(values => values.Storage("ByteStorage", "0", 1 << 20), [1 << 20]);
            }, new byte[1 << 20]));
    }

    [Fact]
    public void Open_PicklesWithoutEnd_AreBounded()
    {
        byte[] Repeated(params byte[] opcodes) =>
            [.. new PickleBuilder().ToBytes(), .. Enumerable.Repeat(opcodes, 5_000_000 / opcodes.Length).SelectMany(bytes => bytes)];
        Refused("steps", "forty", TorchFile.Archive(Repeated((byte)')')));
        Refused("262144 dictionaries and lists", "one for a tensor", TorchFile.Archive(Repeated((byte)'}')));
        Refused("262144 dictionaries and lists", "one for a tensor", TorchFile.Archive(Repeated((byte)']')));
        Refused("262144 dictionaries and lists", "one for a tensor", TorchFile.Archive(
            [.. new PickleBuilder().Global("collections", "OrderedDict").ToBytes(), .. Enumerable.Repeat("2)R0"u8.ToArray(), 300_000).SelectMany(bytes => bytes)]));
        byte[] text = new PickleBuilder().Text(new string('x', (1 << 20) + 1)).Stop().ToBytes();
        Refused("1048577 bytes", "at most", TorchFile.Archive(text));
        byte[] name = [.. new PickleBuilder().ToBytes(), (byte)'c', .. Enumerable.Repeat((byte)'x', 1 << 17)];
        Refused("without an end", "again", TorchFile.Archive(name));
    }

    [Fact]
    public void Open_OtherFiles_AreToldApart()
    {
        byte[] tar = new byte[600];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Refused("is a tar", "today's PyTorch", tar);
        using var safetensors = new MemoryStream();
        SafetensorsWriter.Write(safetensors, [new TensorData("a", SafetensorsDtype.U8, [1], new byte[1])]);
        Refused("is a safetensors file", "model.safetensors", safetensors.ToArray());
        Refused("torch.jit.save", "state_dict",
            TorchFile.Archive(new PickleBuilder().Dictionary().Stop().ToBytes(), ("constants.pkl", [])));
        Refused("none of torch.save's", "state_dict", new PickleBuilder().Dictionary().Stop().ToBytes());
        Refused("is empty", "again", []);
    }

    [Fact]
    public void Open_ValuesInBigEndianOrder_AreRefused()
    {
        byte[] zip = One(pickle => pickle.Text("w").Tensor(Floats, [12]));
        zip.AsSpan(zip.AsSpan().IndexOf("little"u8), 6).Fill((byte)'b');

        Refused("'bbbbbb'", "little-endian", zip);
    }

    private static void Floats(PickleBuilder pickle) => pickle.Storage("FloatStorage", "0", 12);

    private static byte[] One(Action<PickleBuilder> entries, byte[]? storage = null)
    {
        var pickle = new PickleBuilder().Dictionary().Mark();
        entries(pickle);
        return TorchFile.Archive(pickle.SetItems().Stop().ToBytes(), ("data/0", storage ?? Twelve));
    }

    private static PickledWeights Open(byte[] file) => PickledWeights.Open(new ManagedTensorBytes(file), Name);

    private static void Refused(string what, string remedy, byte[] file)
    {
        var exception = Assert.Throws<ModelFormatException>(() => Open(file).Dispose());
        Assert.StartsWith($"{Name}: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, exception.Message, StringComparison.Ordinal);
    }

    private static float[] Values(ICheckpointWeights weights, string name) =>
        [.. weights.GetBytes(name).ToArray().Chunk(4).Select(bytes => BinaryPrimitives.ReadSingleLittleEndian(bytes))];

    private static byte[] Streamed(ICheckpointWeights weights, string name)
    {
        using var stream = weights.OpenRead(name);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
