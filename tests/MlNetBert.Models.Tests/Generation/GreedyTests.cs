using MlNetBert.Models.Generation;
using TorchSharp;

namespace MlNetBert.Models.Tests.Generation;

public sealed class GreedyTests : DecodingStrategyConformanceTests
{
    private protected override DecodingStrategy Create() => new Sampling();

    [Fact]
    public void Score_OfAResult_IsTheMeanLogProbabilityWithoutProcessors()
    {
        float[][] table = [[0, 1, -1], [2, 0, 1], [0, 0, 0]];
        double LogProbability(int last, int next) => table[last][next] - Math.Log(table[last].Sum(score => Math.Exp(score)));

        var result = Run(new Sampling { Processors = [new RepetitionPenalty(1.2)] }, table, [[2]], limit: 3)[0][0];

        // 2 → 0 (all alike, the first) → 1 → 2: behind 0 and 1 the penalty leaves the third.
        Assert.Equal([0, 1, 0], result.Ids);
        Assert.Equal((LogProbability(2, 0) + LogProbability(0, 1) + LogProbability(1, 0)) / 3, result.Score, 1e-12);
    }

    [Fact]
    public void Step_RowsThatAreDone_AreGivenUp()
    {
        // Behind token 0 comes the end, behind 1 never.
        var model = new TableModel([[0, 0, 9], [0, 9, 0], [0, 0, 0]]);
        var strategy = new Sampling { EndTokens = new HashSet<int> { 2 } };
        IReadOnlyList<TextSearch>[] searches = [strategy.Begin(0, [0], 4), strategy.Begin(1, [1], 4)];
        using var run = new GenerationRun(model, [[0], [1]], searches, padding: 0, ComputePrecision.Float32, torch.CPU);

        Assert.True(run.Step());
        Assert.Equal(1, model.LastRows);
        while (run.Step())
        {
        }

        Assert.Equal([[2], [1, 1, 1, 1]], searches.Select(ofText => ofText[0].Results[0].Ids));
    }
}
