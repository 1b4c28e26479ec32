using MlNetBert.Training.Distributed;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Distributed;

public sealed class SingleProcessTests : CollectiveConformanceTests
{
    protected override T[] OnEachRank<T>(Func<ICollective, T> rank) => [rank(SingleProcess.Instance)];
}

public sealed class ThreadCollectiveTests : CollectiveConformanceTests
{
    [Fact]
    public void Dispose_OfARank_EndsTheWaitOfTheOthers()
    {
        var outcomes = ThreadCollective.Run(3, c =>
        {
            if (c.Rank == 1)
                c.Dispose();
            else
                c.Barrier();
            return true;
        });

        Assert.All([outcomes[0], outcomes[2]], outcome => Assert.IsType<CollectiveException>(outcome.Exception));
    }

    protected override T[] OnEachRank<T>(Func<ICollective, T> rank)
    {
        var outcomes = ThreadCollective.Run(3, rank);
        Assert.All(outcomes, outcome => Assert.Null(outcome.Exception));
        return [.. outcomes.Select(outcome => outcome.Result!)];
    }
}
