using MlNetBert.Models.Native;

namespace MlNetBert.Models.Tests.Native;

public sealed class TorchThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Run_SeveralParts_RunsEachOnce(int parts)
    {
        var runs = new int[parts];

        for (var i = 0; i < 100; i++)
            TorchThreads.Run(parts, part => Interlocked.Increment(ref runs[part]));

        Assert.All(runs, count => Assert.Equal(100, count));
    }

    [Fact]
    public void Run_APartThrows_ThrowsWhatItThrewAndGoesOnWorking()
    {
        var thrown = Assert.Throws<AggregateException>(() => TorchThreads.Run(4, part => throw new InvalidDataException("part")));

        Assert.IsType<InvalidDataException>(thrown.InnerExceptions[0]);
        Run_SeveralParts_RunsEachOnce(4);
    }

    [Fact]
    public async Task Run_FromSeveralThreadsAtOnce_RunsTheirPartsEach()
    {
        var sums = new long[4];

        await Task.WhenAll(Enumerable.Range(0, sums.Length).Select(caller => Task.Run(
            () =>
            {
                for (var i = 0; i < 50; i++)
                    TorchThreads.Run(3, part => Interlocked.Add(ref sums[caller], part + 1));
            },
            TestContext.Current.CancellationToken)));

        Assert.All(sums, sum => Assert.Equal(50 * 6, sum));
    }
}
