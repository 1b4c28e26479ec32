using MlNetBert.Training.Distributed;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Distributed;

/// <summary>What every collective promises; an implementation inherits these tests.</summary>
public abstract class CollectiveConformanceTests
{
    /// <summary>Runs the same on every rank, at once, and gives what each returns in the order of the ranks.</summary>
    protected abstract T[] OnEachRank<T>(Func<ICollective, T> rank);

    [Fact]
    public void Ranks_OfACollective_AreNumberedFromZero()
    {
        var ranks = OnEachRank(c => (c.Rank, c.Size, c.LocalRank, c.LocalSize));

        Assert.Equal(Enumerable.Range(0, ranks.Length), ranks.Select(r => r.Rank));
        Assert.All(ranks, r => Assert.Equal(ranks.Length, r.Size));
        Assert.All(ranks, r => Assert.InRange(r.LocalRank, 0, r.LocalSize - 1));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int64)]
    public void AllReduce_OfEachRanksNumbers_GivesTheSumToAll(ScalarType type)
    {
        var sums = OnEachRank(c => Values(c, tensor => c.AllReduce(tensor), type));

        var expected = new double[] { sums.Length * (sums.Length + 1) / 2, 10 * sums.Length };
        Assert.All(sums, sum => Assert.Equal(expected, sum));
    }

    [Fact]
    public void AllReduceAsync_OfSeveral_AreDoneInTheirOrder()
    {
        var sums = OnEachRank(c =>
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var tensors = Enumerable.Range(0, 5).Select(i => tensor(new[] { (float)(c.Rank + i) })).ToList();
            Task.WaitAll(tensors.Select(c.AllReduceAsync).ToArray(), TestContext.Current.CancellationToken);
            return tensors.Select(t => (double)t.item<float>()).ToArray();
        });

        var ranks = sums.Length * (sums.Length - 1) / 2.0;
        Assert.All(sums, sum => Assert.Equal(Enumerable.Range(0, 5).Select(i => ranks + (i * sums.Length)), sum));
    }

    [Fact]
    public void Broadcast_FromEachRank_GivesItsNumbersToAll()
    {
        var size = OnEachRank(c => c.Size)[0];
        for (var root = 0; root < size; root++)
        {
            var from = root;
            Assert.All(OnEachRank(c => Values(c, tensor => c.Broadcast(tensor, from))), values => Assert.Equal([from + 1.0, 10], values));
        }
    }

    [Fact]
    public void AllGather_OfEachRanksNumbers_GivesThemInTheOrderOfTheRanks()
    {
        var gathered = OnEachRank(c =>
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var all = Enumerable.Range(0, c.Size).Select(_ => zeros(1)).ToList();
            c.AllGather(tensor(new[] { (float)c.Rank }), all);
            return all.Select(t => t.item<float>()).ToArray();
        });

        Assert.All(gathered, all => Assert.Equal(Enumerable.Range(0, gathered.Length).Select(rank => (float)rank), all));
    }

    [Fact]
    public void Barrier_OfAllRanks_HoldsEachUntilTheLastIsThere()
    {
        var arrived = 0;

        var seen = OnEachRank(c =>
        {
            Thread.Sleep(20 * c.Rank);
            Interlocked.Increment(ref arrived);
            c.Barrier();
            return Volatile.Read(ref arrived);
        });

        Assert.All(seen, count => Assert.Equal(seen.Length, count));
    }

    private static double[] Values(ICollective collective, Action<Tensor> operation, ScalarType type = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var values = tensor(new double[] { collective.Rank + 1, 10 }).to(type);
        operation(values);
        return values.to(ScalarType.Float64).data<double>().ToArray();
    }
}
