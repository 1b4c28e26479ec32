using MlNetBert.Training.Loop;

namespace MlNetBert.Training.Tests.Loop;

public sealed class ThreadChoiceTests
{
    [Theory]
    [InlineData(2, 1.0, 1.8)]
    [InlineData(2, 1.0, 1.0)]
    [InlineData(2, 1.4, 1.0)] // not worth other sums
    [InlineData(1, 1.6, 1.0)]
    [InlineData(1, 22.0, 1.0)]
    public void Pick_OfTwo_IsOneWhereTwoTakeClearlyLonger(int expected, double two, double one) =>
        Assert.Equal(expected, ThreadChoice.Pick([(2, TimeSpan.FromMilliseconds(two)), (1, TimeSpan.FromMilliseconds(one))]));

    [Fact]
    public void Pick_OfMany_IsTheFastest() =>
        Assert.Equal(4, ThreadChoice.Pick([(16, TimeSpan.FromMilliseconds(90)), (8, TimeSpan.FromMilliseconds(30)), (4, TimeSpan.FromMilliseconds(20)), (2, TimeSpan.FromMilliseconds(25)), (1, TimeSpan.FromMilliseconds(40))]));

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 2, 1 })]
    [InlineData(12, new[] { 12, 6, 3, 1 })]
    public void Candidates_OfANumber_AreItsHalvesDownToOne(int most, int[] expected) => Assert.Equal(expected, ThreadChoice.Candidates(most));

    [Fact]
    public void Measure_AnyMachine_TimesEachAndLeavesTheNumber()
    {
        using var two = new ThreadCount(2);

        var measured = ThreadChoice.Measure(2);

        Assert.Equal([2, 1], measured.Select(each => each.Threads));
        Assert.All(measured, each => Assert.True(each.Time > TimeSpan.Zero));
        Assert.Equal(2, TorchSharp.torch.get_num_threads());
    }
}
