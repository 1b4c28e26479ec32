using CsCheck;
using MlNetBert.Training.Loop;

namespace MlNetBert.Training.Tests.Loop;

public class BatchPlanTests
{
    [Fact]
    public void ExamplesOf_AnyEpoch_VisitsEveryExampleOnce() =>
        Gen.Select(Gen.Long[1, 300], Gen.Int[1, 50], Gen.Long, Gen.Int[0, 20]).Sample((examples, batchSize, seed, epoch) =>
        {
            var plan = new BatchPlan(examples, batchSize, seed);
            var steps = Enumerable.Range(0, (int)plan.StepsPerEpoch).Select(s => (epoch * plan.StepsPerEpoch) + s).ToList();

            Assert.All(steps, step => Assert.Equal(epoch, plan.EpochOf(step)));
            Assert.All(steps.SkipLast(1), step => Assert.Equal(batchSize, plan.ExamplesOf(step).Length));
            Assert.Equal(Enumerable.Range(0, (int)examples).Select(i => (long)i), steps.SelectMany(plan.ExamplesOf).Order());
        }, iter: 200);

    [Fact]
    public void ExamplesOf_AnotherEpochOrSeed_HasAnotherOrder()
    {
        var plan = new BatchPlan(100, 100, 1);

        Assert.Equal(plan.ExamplesOf(0), new BatchPlan(100, 100, 1).ExamplesOf(0));
        Assert.NotEqual(plan.ExamplesOf(0), plan.ExamplesOf(1));
        Assert.NotEqual(plan.ExamplesOf(0), new BatchPlan(100, 100, 2).ExamplesOf(0));
        Assert.NotEqual(Enumerable.Range(0, 100).Select(i => (long)i), plan.ExamplesOf(0));
    }

    [Fact]
    public void ExamplesOf_AnotherBatchSize_KeepsTheOrder()
    {
        var (large, small) = (new BatchPlan(100, 100, 1), new BatchPlan(100, 7, 1));

        Assert.Equal(large.ExamplesOf(0), Enumerable.Range(0, 15).SelectMany(s => small.ExamplesOf(s)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Constructor_NothingToDo_Throws(long examples, int batchSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchPlan(examples, batchSize, 1));
}
