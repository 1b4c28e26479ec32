using MlNetBert.Models.Generation;

namespace MlNetBert.Models.Tests.Generation;

public sealed class SamplingTests : DecodingStrategyConformanceTests
{
    private protected override DecodingStrategy Create() => new Sampling(Draw);

    [Fact]
    public void Results_Several_DrawByNumbersOfTheirOwn()
    {
        var seen = new List<(long Row, int Step)>();
        var strategy = new Sampling((row, step) =>
        {
            seen.Add((row, step));
            return Draw(row, step);
        })
        { Results = 3 };

        var results = Run(strategy, Table(0.01f), [[0], [1]], limit: 2);

        Assert.All(results, ofText => Assert.Equal(3, ofText.Count));
        Assert.Equal(Enumerable.Range(0, 6).SelectMany(row => Enumerable.Range(0, 2).Select(step => ((long)row, step))), seen.Order());
    }

    [Fact]
    public void Results_ManyTexts_HaveTheProbabilitiesOfTheScores()
    {
        const int Texts = 3000;
        float[][] table = [[0, 1, 2], [0, 0, 0], [0, 0, 0]];
        var total = table[0].Sum(score => Math.Exp(score));

        var counts = Run(new Sampling(Draw), table, [.. Enumerable.Repeat(new[] { 0 }, Texts)], limit: 1).CountBy(results => results[0].Ids[0]).ToDictionary();

        // Pearson's chi-square of two degrees of freedom: 13.8 is passed once in a thousand seeds, and this seed is one.
        Assert.InRange(table[0].Select((score, id) => Math.Pow(counts[id] - (Texts * Math.Exp(score) / total), 2) / (Texts * Math.Exp(score) / total)).Sum(), 0, 13.8);
    }

    // A fixed hash of 32 bits (the finalizer of MurmurHash3).
    private static double Draw(long row, int step)
    {
        var x = (uint)((row * 1009) + step + 1);
        x = (x ^ (x >> 16)) * 0x85EBCA6B;
        x = (x ^ (x >> 13)) * 0xC2B2AE35;
        return (x ^ (x >> 16)) / 4294967296.0;
    }
}
