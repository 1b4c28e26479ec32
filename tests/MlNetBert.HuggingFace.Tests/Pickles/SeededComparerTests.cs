using System.Numerics;
using MlNetBert.HuggingFace.Pickles;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Pickles;

/// <summary>Keys that a file chooses do not choose their buckets.</summary>
public sealed class SeededComparerTests
{
    // The number of buckets of a dictionary of some 4 million entries: a prime of .NET's table.
    private const int Buckets = 4999559;

    [Fact]
    public void GetHashCode_MultiplesOfTheNumberOfBuckets_FallIntoMany()
    {
        var comparer = SeededComparer<long>.Instance;
        var numbers = Enumerable.Range(1, 400).Select(factor => (long)factor * Buckets).ToList();

        Assert.Single(numbers.Select(number => number.GetHashCode() % Buckets).Distinct());
        Assert.InRange(numbers.Select(number => (uint)comparer.GetHashCode(number) % Buckets).Distinct().Count(), 300, 400);
        Assert.True(comparer.Equals(5, 5));
        Assert.False(comparer.Equals(5, 6));
    }

    [Fact]
    public void Read_DictionaryOfWholeNumbers_HashesWithTheSeed()
    {
        byte[] pickle = new PickleBuilder().Dictionary().Mark().Number(3).Text("three").Text("w").Number(4).SetItems().Stop().ToBytes();

        var read = new PickleReader(
            new PickleInput(new ManagedTensorBytes(pickle), 0, pickle.Length, "w.bin"), "w.bin", new TorchObjects("w.bin")).Read();

        var dictionary = Assert.IsType<OrderedDictionary<object, object?>>(read);
        Assert.Equal(SeededComparer<object>.Instance.GetHashCode((BigInteger)3), dictionary.Comparer.GetHashCode((BigInteger)3));
        Assert.Equal("three", dictionary[(BigInteger)3]);
        Assert.Equal((BigInteger)4, dictionary["w"]);
    }
}
