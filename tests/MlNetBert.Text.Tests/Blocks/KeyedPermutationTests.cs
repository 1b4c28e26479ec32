using CsCheck;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Text.Tests.Blocks;

public sealed class KeyedPermutationTests
{
    [Fact]
    public void Indexer_AnyCountSeedAndEpoch_IsABijection() =>
        Gen.Select(Gen.Int[0, 600], Gen.Long, Gen.Int[0, 1000]).Sample((count, seed, epoch) =>
        {
            var permutation = new KeyedPermutation(count, seed, epoch);
            Assert.Equal(count, Enumerable.Range(0, count).Select(place => permutation[place]).Where(number => number >= 0 && number < count).Distinct().Count());
        });

    [Fact]
    public void Indexer_AnotherSeedOrEpoch_IsAnotherOrder()
    {
        static long[] Order(long seed, long epoch) => [.. Enumerable.Range(0, 100).Select(place => new KeyedPermutation(100, seed, epoch)[place])];
        Assert.Equal(Order(1, 0), Order(1, 0));
        Assert.NotEqual(Order(1, 0), Order(1, 1));
        Assert.NotEqual(Order(1, 0), Order(2, 0));
        Assert.NotEqual(Enumerable.Range(0, 100).Select(place => (long)place), Order(1, 0));
    }

    [Fact]
    public void Indexer_FirstPlaceOverManyEpochs_IsUniform()
    {
        const int Count = 20;
        const int Epochs = 20_000;
        var hits = new int[Count];
        for (int epoch = 0; epoch < Epochs; epoch++)
            hits[new KeyedPermutation(Count, 7, epoch)[0]]++;
        double expected = (double)Epochs / Count;
        Assert.InRange(hits.Sum(hit => (hit - expected) * (hit - expected) / expected), 3, 55); // 19 degrees of freedom
    }

    [Fact]
    public void Indexer_HugeCount_StaysInRange()
    {
        var permutation = new KeyedPermutation(1L << 39, 3, 5);
        Assert.All(Enumerable.Range(0, 1000), place => Assert.InRange(permutation[place * 500_000_000L], 0, (1L << 39) - 1));
        Assert.InRange(new KeyedPermutation(long.MaxValue, 3, 5)[long.MaxValue - 1], 0, long.MaxValue - 1);
    }

    [Fact]
    public void Indexer_OutsideTheCount_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(5, 0, 0)[5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(5, 0, 0)[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(-1, 0, 0));
    }
}
