using CsCheck;
using MlNetBert.Models.Generation;

namespace MlNetBert.Models.Tests.Generation;

public sealed class BeamSearchTests : DecodingStrategyConformanceTests
{
    private static readonly Gen<float[][]> SmallTables = Gen.Float[-3, 3].Array[3].Array[3];

    private protected override DecodingStrategy Create() => new BeamSearch(3);

    [Fact]
    public void Results_AsManyBeamsAsTexts_AreTheBestOfAll() =>
        SmallTables.Sample(table =>
        {
            // Four tokens of three: as many beams as beginnings, so that none is lost.
            var found = Run(new BeamSearch(81) { Results = 5 }, table, [[0]], limit: 4)[0];
            var all = All(table, 4).OrderByDescending(text => text.Score).Take(5).ToList();
            return found.Zip(all).All(pair => pair.First.Ids.SequenceEqual(pair.Second.Ids) || Math.Abs(pair.First.Score - pair.Second.Score) < 1e-9)
                && found.Select(result => result.Score).SequenceEqual(found.Select(result => result.Score).OrderDescending());
        }, iter: 30);

    [Theory]
    [InlineData(-2.0, 1)]
    [InlineData(2.0, 5)]
    public void LengthPenalty_LongOrShort_ChoosesTheLength(double penalty, int length)
    {
        // At each step the end (token 2) is as likely as going on with 1.
        float[][] table = [[-20, 0, 0], [-20, 0, 0], [0, 0, 0]];

        var result = Run(new BeamSearch(4) { LengthPenalty = penalty, EndTokens = new HashSet<int> { 2 } }, table, [[0]], limit: 5)[0][0];

        Assert.Equal(length, result.Ids.Count);
    }

    [Fact]
    public void EarlyStopping_EnoughEnded_MissesABetterLaterOne()
    {
        // Two texts end at once, both less likely a token than the long one.
        float[][] table = [[-9, 1, 0, 0], [-9, 4, 0, -9], [0, 0, 0, 0], [0, 0, 0, 0]];
        BeamSearch Search(bool early) => new(2) { EarlyStopping = early, EndTokens = new HashSet<int> { 2, 3 } };

        var (early, late) = (Run(Search(early: true), table, [[0]], limit: 6)[0][0], Run(Search(early: false), table, [[0]], limit: 6)[0][0]);

        Assert.True(late.Score > early.Score, $"{late.Score} is not above {early.Score}");
        Assert.True(late.Ids.Count > early.Ids.Count);
    }

    [Fact]
    public void Results_MoreBeamsThanTokens_AreAllThereAre()
    {
        var results = Run(new BeamSearch(5) { Results = 5 }, [[0, 1], [2, 0]], [[0]], limit: 1)[0];

        Assert.Equal([[1], [0]], results.Select(result => result.Ids));
    }

    private static IEnumerable<(int[] Ids, double Score)> All(float[][] table, int length)
    {
        double LogProbability(int last, int next) => table[last][next] - Math.Log(table[last].Sum(score => Math.Exp(score)));
        IEnumerable<(int[] Ids, double Sum)> texts = [([], 0.0)];
        for (var step = 0; step < length; step++)
        {
            texts = [.. texts.SelectMany(text => Enumerable.Range(0, table.Length).Select(next =>
                ((int[])[.. text.Ids, next], text.Sum + LogProbability(text.Ids.Length == 0 ? 0 : text.Ids[^1], next))))];
        }

        return texts.Select(text => (text.Ids, text.Sum / length));
    }
}
