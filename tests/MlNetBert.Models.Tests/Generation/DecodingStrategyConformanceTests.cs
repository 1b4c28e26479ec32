using CsCheck;
using MlNetBert.Models.Generation;
using MlNetBert.Tests.Common;
using TorchSharp;

namespace MlNetBert.Models.Tests.Generation;

/// <summary>What every way of choosing tokens promises; a new one inherits these tests. Tensors of the whole process are counted.</summary>
[Collection(nameof(LeakTests))]
public abstract class DecodingStrategyConformanceTests
{
    private const int Vocabulary = 7;

    private static readonly Gen<float[][]> Tables = Gen.Float[-4, 4].Array[Vocabulary].Array[Vocabulary];

    private static readonly Gen<int[][]> Prompts = Gen.Int[0, Vocabulary - 1].Array[1, 5].Array[1, 4];

    /// <summary>The strategy, with one result.</summary>
    private protected abstract DecodingStrategy Create();

    [Fact]
    public void Results_InABatch_AreThoseOfEachTextAlone() =>
        Gen.Select(Tables, Prompts).Sample((table, prompts) =>
        {
            var strategy = Create() with { EndTokens = new HashSet<int> { 1, 3 }, Processors = [new RepetitionPenalty(1.5)] };
            var together = Run(strategy, table, prompts, 6);
            return prompts.Index().All(prompt => Same(together[prompt.Index], Run(strategy, table, [prompt.Item], 6, first: prompt.Index)[0]));
        }, iter: 50);

    [Fact]
    public void Results_AnyEndToken_EndWithItAndHaveNoneBefore() =>
        Gen.Select(Tables, Prompts).Sample((table, prompts) =>
        {
            int[] ends = [2, 5];
            return Run(Create() with { EndTokens = ends.ToHashSet() }, table, prompts, 6).SelectMany(results => results).All(result =>
                result.Ids.Count is > 0 and <= 6 && result.HasEnded == ends.Contains(result.Ids[^1]) && !result.Ids.SkipLast(1).Any(ends.Contains)
                    && (result.HasEnded || result.Ids.Count == 6));
        }, iter: 50);

    [Fact]
    public void Results_StopRule_EndsAsAnEndTokenDoes() =>
        Gen.Select(Tables, Prompts).Sample((table, prompts) =>
        {
            var byToken = Run(Create() with { EndTokens = new HashSet<int> { 4 } }, table, prompts, 5);
            var byRule = Run(Create() with { Stops = generated => generated[^1] == 4 }, table, prompts, 5);
            return byToken.Zip(byRule).All(pair => Same(pair.First, pair.Second));
        }, iter: 50);

    [Fact]
    public void Results_Again_AreTheSameAndLeaveNoTensor()
    {
        var table = Table(0.3f);
        var first = Run(Create(), table, [[0, 1], [2]], 8);
        var before = LiveTensors.CountSettled();

        var again = Run(Create(), table, [[0, 1], [2]], 8);

        Assert.Equal(before, torch.Tensor.TotalCount);
        Assert.All(first.Zip(again), pair => Assert.True(Same(pair.First, pair.Second)));
    }

    [Fact]
    public void Results_EveryTokenForbidden_EndWhereTheyAre()
    {
        var result = Run(Create() with { Processors = [new NoRepeatNgrams(1)] }, Table(0.1f), [[0]], 20)[0][0];

        Assert.Equal(Vocabulary - 1, result.Ids.Count);
        Assert.False(result.HasEnded);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Step_ScoreThatIsNotANumber_IsRefused(float score)
    {
        var table = Table(0);
        table[0][3] = score;

        Assert.Contains("not finite", Assert.Throws<InvalidDataException>(() => Run(Create(), table, [[0]], 3)).Message, StringComparison.Ordinal);
    }

    private protected static IReadOnlyList<IReadOnlyList<GeneratedSequence>> Run(DecodingStrategy strategy, float[][] table, int[][] prompts, int limit, long first = 0)
    {
        var searches = prompts.Select((prompt, text) => strategy.Begin(first + text, prompt, limit)).ToList();
        using (var run = new GenerationRun(new TableModel(table), prompts, searches, padding: 0, ComputePrecision.Float32, torch.CPU))
        {
            while (run.Step())
            {
            }
        }

        return [.. searches.Select(ofText => (IReadOnlyList<GeneratedSequence>)[.. ofText.SelectMany(search => search.Results)])];
    }

    private protected static float[][] Table(float step) =>
        [.. Enumerable.Range(0, Vocabulary).Select(last => Enumerable.Range(0, Vocabulary).Select(next => step * (((last * 3) + (next * 5)) % Vocabulary)).ToArray())];

    private static bool Same(IReadOnlyList<GeneratedSequence> first, IReadOnlyList<GeneratedSequence> second) =>
        first.Count == second.Count
            && first.Zip(second).All(pair => pair.First.Ids.SequenceEqual(pair.Second.Ids) && pair.First.Score == pair.Second.Score && pair.First.HasEnded == pair.Second.HasEnded);
}
