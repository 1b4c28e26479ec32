using CsCheck;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Tests.Support;

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

    [Fact]
    public void ExamplesOf_BatchBeyondTheData_IsAllTheData()
    {
        var plan = new BatchPlan(100, int.MaxValue, 1);

        Assert.Equal((1, 100), (plan.StepsPerEpoch, plan.ExamplesOf(5).Distinct().Count()));
        Assert.Equal(5, plan.EpochOf(5));
        Assert.Throws<OverflowException>(() => plan.EpochOf(1L << 31));
    }

    [Theory]
    [InlineData(int.MaxValue, 100, true)]
    [InlineData(int.MaxValue, 101, false)]
    [InlineData(2, long.MaxValue / 2, false)]
    [InlineData(21_474_836, 10_000, true)]
    [InlineData(21_474_837, 10_000, false)]
    public void TotalSteps_EpochsBeyondWhatIsCounted_AreRefused(int epochs, long examples, bool fits)
    {
        var plan = new BatchPlan(examples, 100, 1);
        var options = new TestOptions { Epochs = epochs };
        if (fits)
            Assert.Equal(epochs * plan.StepsPerEpoch, plan.TotalSteps(options));
        else
            Assert.StartsWith("Epochs must be at most", Assert.Single(Assert.Throws<InvalidOptionsException>(() => plan.TotalSteps(options)).Errors), StringComparison.Ordinal);
        Assert.Equal(7, plan.TotalSteps(options with { MaxSteps = 7 }));
        Assert.Null(plan.TotalSteps(options with { TimeBudget = TimeSpan.MaxValue }));
        Assert.Throws<InvalidOptionsException>(() => (options with { MaxSteps = 1L + int.MaxValue }).Check());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Constructor_NothingToDo_Throws(long examples, int batchSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchPlan(examples, batchSize, 1));
}
