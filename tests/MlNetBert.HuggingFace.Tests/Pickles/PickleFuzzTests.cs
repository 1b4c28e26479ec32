using System.Collections.Immutable;
using MlNetBert.HuggingFace.Pickles;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.HuggingFace.Tests.Support;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Pickles;

/// <summary>Damaged pickles give the typed exception or weights that can be read, and never cost more memory than their size warrants.</summary>
public sealed class PickleFuzzTests
{
    private static readonly (SafetensorsTensor, byte[])[] Tensors =
    [
        (new SafetensorsTensor("bert.a", SafetensorsDtype.F32, [2, 3], 0, 24), new byte[24]),
        (new SafetensorsTensor("bert.b", SafetensorsDtype.BF16, [2], 0, 4), new byte[4]),
        (new SafetensorsTensor("position_ids", SafetensorsDtype.I64, [1, 2], 0, 16), new byte[16]),
        (new SafetensorsTensor("é", SafetensorsDtype.Bool, ImmutableArray<long>.Empty, 0, 1), new byte[1]),
    ];

    [Fact]
    public void Open_DamagedZips_OnlyTheTypedException() => Run([TorchFile.Archive(Tensors)], Fuzz.Cases);

    [Fact]
    public void Open_DamagedOldFiles_OnlyTheTypedException() => Run([TorchFile.Old(Tensors)], Fuzz.Cases);

    /// <summary>The zip's directory is right, so that every damage is the pickle's.</summary>
    [Fact]
    public void Open_DamagedPicklesInWholeZips_OnlyTheTypedException()
    {
        void Bytes(PickleBuilder pickle) => pickle.Storage("ByteStorage", "0", 60);
        byte[] pickle = new PickleBuilder().OrderedDict().Mark()
            .Text("state_dict").Dictionary().Mark()
            .Text("a").Tensor(Bytes, [3, 4], [1, 5], offset: 2).Text("b").Tensor(Bytes, [60]).SetItems()
            .Text("epoch").Number(3).SetItems()
            .Dictionary().Mark().Text("_metadata").OrderedDict().SetItems().Build().Stop().ToBytes();
        Run([pickle], Fuzz.Cases, damaged => TorchFile.Archive(damaged, ("data/0", new byte[60])));
    }

    internal static void Run(byte[][] seeds, int cases, Func<byte[], byte[]>? wrap = null)
    {
        var random = new Random(20240131);
        int opened = 0;
        for (int i = 0; i < cases; i++)
        {
            byte[] damaged = Fuzz.Mutate(seeds[i % seeds.Length], random);
            byte[] input = wrap?.Invoke(damaged) ?? damaged;
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var weights = PickledWeights.Open(new ManagedTensorBytes(input), "fuzz.bin");
                foreach (string name in weights.Names)
                    Assert.Equal(weights.Describe(name).ByteLength, weights.GetBytes(name).Length);
                opened++;
            }
            catch (ModelFormatException)
            {
                // What damaged input shall give.
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"case {i}, {Convert.ToHexString(damaged)}: {exception}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 300_000 + (200 * input.Length),
                $"case {i} of {input.Length} bytes allocated {allocated}: {Convert.ToHexString(damaged)}");
        }

        Assert.True(opened > 0, "no damaged file opened at all: the mutations are too coarse to test anything");
        Assert.True(opened < cases, "every damaged file opened: the mutations hit nothing");
    }
}
