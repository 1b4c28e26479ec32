using CsCheck;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Denoising;

namespace MlNetBert.Training.Tests.Objectives.Denoising;

public class TextInfillingTests
{
    private const int Start = 2;
    private const int End = 3;
    private const int Mask = 4;
    private const int Stop = 5;
    private static readonly SubwordTokenizer Tokenizer = SubwordTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", .. Enumerable.Range(0, 60).Select(i => "w" + i)]);

    [Fact]
    public void Corrupt_AnyBlock_HasMasksWhereItsTokensAreMissingAndTheBlockAsTarget() =>
        Gen.Select(Gen.Int[5, 65].Array[0, 60], Gen.Bool, Gen.Int[0, 8], Gen.Long[0, 1 << 20], Gen.Double[0.01, 0.9], Gen.Double[1, 8])
            .Sample((tokens, isFramed, more, number, density, mean) =>
            {
                int[] block = isFramed ? [Start, .. tokens, End] : tokens;
                var longest = Math.Max(3, block.Length + more);
                var corruption = new TextInfilling(Tokenizer, seed: 7, longest, density, mean);
                var corrupted = Corrupt(corruption, block, number);

                Assert.Empty(corrupted.Positions);
                Assert.Equal(tokens.Length == 0 ? [] : block, corrupted.Labels);
                Assert.InRange(corrupted.Ids.Count, 2, longest);
                Assert.Equal((Start, End), (corrupted.Ids[0], corrupted.Ids[^1]));
                var permuted = corruption.Permute(tokens, new PhiloxStream(7, RandomStreams.TrainingCorruption, 0), number);
                Assert.Equal(tokens.Order(), permuted.Order());
                Assert.True(Matches(corrupted.Ids[1..^1], permuted));
                if (tokens.Length > 0)
                {
                    var wanted = Math.Max(1, (int)Math.Round(tokens.Length * density));
                    var hidden = tokens.Length - corrupted.Ids[1..^1].Count(id => id != Mask);
                    Assert.Equal(Math.Min(tokens.Length, Math.Max(wanted, tokens.Length + 3 - longest)), hidden);
                }
            });

    [Fact]
    public void Corrupt_ManyBlocks_HidesThirtyPercentInSpansOfPoissonThree()
    {
        var corruption = new TextInfilling(Tokenizer, seed: 3, longest: 2_000);
        // Each token once, so that what a mask hides can be seen; no sentence ends.
        var block = Enumerable.Range(6, 60).ToArray();
        var counts = new long[9];
        for (var number = 0; number < 6_000; number++)
        {
            var ids = Corrupt(corruption, block, number).Ids;
            Assert.Equal(42, ids.Count(id => id >= 6));
            // The spans between two kept tokens, where one mask stands alone and so tells its length.
            for (var place = 2; place < ids.Count - 2; place++)
            {
                if (ids[place] == Mask && ids[place - 1] >= 6 && ids[place + 1] >= 6)
                    counts[Math.Min(8, ids[place + 1] - ids[place - 1] - 1)]++;
            }
        }

        // The span that reaches the number is cut, so lengths are a little shorter than Poisson's: exact figures are those of the draw.
        var mean = counts.Select((count, length) => (double)count * length).Sum() / counts.Sum();
        Assert.InRange(mean, 2.5, 3);
        Assert.All(counts[..8], count => Assert.True(count > 0));
        Assert.True(counts[2] > counts[0] && counts[3] > counts[6]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7.5)]
    public void PoissonLengths_Of_FollowsTheDistribution(double mean)
    {
        var lengths = new PoissonLengths(mean);
        var draws = new PhiloxStream(5, 40, 0);
        var most = (int)(mean * 2) + 2;
        var observed = new long[most + 1];
        const int Count = 200_000;
        for (var i = 0; i < Count; i++)
            observed[Math.Min(most, lengths.Of(draws.UInt32(0, i)))]++;

        double[] expected = [.. Enumerable.Range(0, most).Select(Probability)];
        Assert.All(expected.Index(), entry => Assert.Equal(entry.Item, lengths.ProbabilityOf(entry.Index), 1e-12));
        double[] all = [.. expected, 1 - expected.Sum()];
        // Up to 17 degrees of freedom: above 41 less than once in a thousand.
        Assert.InRange(observed.Zip(all, (o, p) => (o - (Count * p)) * (o - (Count * p)) / (Count * p)).Sum(), 0, 41);

        double Probability(int length) =>
            Math.Exp(-mean) * Math.Pow(mean, length) / Enumerable.Range(1, length).Aggregate(1.0, (product, factor) => product * factor);
    }

    [Fact]
    public void Corrupt_OneSpan_IsPlacedAnywhereAlike()
    {
        // Three tokens, one of them hidden by one mask: each of the three alike, and spans of no token stand at any of the places.
        var corruption = new TextInfilling(Tokenizer, seed: 9, longest: 5, noiseDensity: 0.3, meanSpanLength: 1);
        var counts = new long[3];
        for (var number = 0; number < 6_000; number++)
        {
            var ids = Corrupt(corruption, [Start, 10, 11, 12, End], number).Ids[1..^1];
            if (ids.Count == 3)
                counts[ids.IndexOf(Mask)]++;
        }

        // Two degrees of freedom: above 14 once in a thousand.
        Assert.InRange(counts.Sum(count => Math.Pow(count - (counts.Sum() / 3.0), 2) / (counts.Sum() / 3.0)), 0, 14);
    }

    [Fact]
    public void Permute_Sentences_DrawsEachOrderAlike()
    {
        var corruption = new TextInfilling(Tokenizer, seed: 2, longest: 20);
        int[] tokens = [10, 11, Stop, 20, Stop, End, Start, 30, 31];
        var orders = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var number = 0; number < 6_000; number++)
        {
            var order = string.Join(' ', corruption.Permute(tokens, new PhiloxStream(2, 1, 0), number));
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(6, orders.Count);
        Assert.Contains("2 30 31 20 5 3 10 11 5", orders.Keys);
        // Five degrees of freedom: above 21 once in a thousand.
        Assert.InRange(orders.Values.Sum(count => Math.Pow(count - 1_000, 2) / 1_000), 0, 21);
    }

    [Fact]
    public void Corrupt_OfTheSameKey_IsTheSameAndOfAnotherIsNot()
    {
        var block = Enumerable.Range(0, 64).Select(i => 6 + (i % 60)).ToArray();
        string Of(long seed, int stream, int epoch, long number)
        {
            var corrupted = new CorruptedBlock();
            new TextInfilling(Tokenizer, seed, 64).Corrupt(block, new CorruptionKey(stream, epoch, number), corrupted);
            return string.Join(' ', corrupted.Ids);
        }

        Assert.Equal(Of(1, 1, 0, 0), Of(1, 1, 0, 0));
        Assert.Distinct([Of(1, 1, 0, 0), Of(2, 1, 0, 0), Of(1, 2, 0, 0), Of(1, 1, 1, 0), Of(1, 1, 0, 1)]);
    }

    [Fact]
    public void Constructor_WithoutAMaskToken_SaysWhatIsMissing()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"], new() { MaskToken = null });

        Assert.Contains(
            "needs a mask token", Assert.Throws<InvalidOperationException>(() => new TextInfilling(tokenizer, 1, 16)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "at least 3", Assert.Throws<InvalidOptionsException>(() => new TextInfilling(Tokenizer, 1, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Corrupt(new TextInfilling(Tokenizer, 1, 3), [6, 7, 8, 9], 0));
    }

    /// <summary>Whether the tokens fit where each mask stands for any number of them.</summary>
    private static bool Matches(List<int> corrupted, int[] tokens)
    {
        var reachable = new HashSet<int> { 0 };
        foreach (var id in corrupted)
        {
            reachable = id == Mask
                ? [.. Enumerable.Range(reachable.Min(), tokens.Length + 1 - reachable.Min())]
                : [.. reachable.Where(place => place < tokens.Length && tokens[place] == id).Select(place => place + 1)];
            if (reachable.Count == 0)
                return false;
        }

        return reachable.Contains(tokens.Length);
    }

    private static CorruptedBlock Corrupt(TextInfilling corruption, int[] block, long number)
    {
        var corrupted = new CorruptedBlock();
        corrupted.Labels.Add(99); // of an earlier block
        corruption.Corrupt(block, new CorruptionKey(RandomStreams.TrainingCorruption, 0, number), corrupted);
        return corrupted;
    }
}
