using CsCheck;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Plm;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Plm;

public class PermutationTests
{
    private const int Mask = 4;

    [Fact]
    public void Corrupt_AnyBlock_HidesOrdinaryTokensInAnOrderOfThemAndLeavesTheOthers() =>
        Gen.Select(Gen.Int[0, 44].Array[0, 60], Gen.Long[0, 1 << 20], Gen.Int[0, 5]).Sample((block, number, epoch) =>
        {
            var corrupted = Corrupt(TinyPlm.Permutation(), block, number, epoch);
            var targets = corrupted.Positions;

            Assert.Equal(targets.Order(), targets);
            Assert.Equal(targets.Count, targets.Distinct().Count());
            Assert.All(targets, place => Assert.True(block[place] >= TinyMlm.FirstWord));
            Assert.Equal(targets.Select(place => block[place]), corrupted.Labels);
            Assert.Equal(block.Select((id, place) => targets.Contains(place) ? Mask : id), corrupted.Ids);
            Assert.Equal(Enumerable.Range(0, targets.Count), corrupted.Ranks.Order());
            Assert.Equal(block.Any(id => id >= TinyMlm.FirstWord), targets.Count > 0);
        }, iter: 300);

    [Fact]
    public void Corrupt_LongBlocks_TakesASixthInSpansOfOneToFive()
    {
        var lengths = new HashSet<int>();
        long targets = 0;
        for (var number = 0; number < 200; number++)
        {
            var positions = Corrupt(TinyPlm.Permutation(), Words(1200), number).Positions;
            targets += positions.Count;
            var start = 0;
            for (var i = 1; i <= positions.Count; i++)
            {
                if (i < positions.Count && positions[i] == positions[i - 1] + 1)
                    continue;
                lengths.Add(i - start);
                start = i;
            }
        }

        // Only the last context of a block is cut: half of it is, of 75.
        Assert.InRange(targets / (200.0 * 1200), 0.163, 0.171);
        Assert.Superset(new HashSet<int> { 1, 2, 3, 4, 5 }, lengths);
    }

    [Theory]
    [InlineData(Permutation.PublishedProbability, 5)]
    [InlineData(0.15, 5)]
    [InlineData(0.15, 1)]
    [InlineData(0.4, 3)]
    [InlineData(0.7, 1)]
    [InlineData(0.9, 5)]
    [InlineData(1, 5)]
    public void Corrupt_AnyFraction_IsTheShareOfTargets(double probability, int spanLength)
    {
        const int Length = 12_000, Blocks = 20;
        var permutation = TinyPlm.Permutation(probability: probability, spanLength: spanLength);
        var targets = Enumerable.Range(0, Blocks).Sum(number => (long)Corrupt(permutation, Words(Length), number).Positions.Count);

        // One degree of freedom: above 10.8 once in a thousand. Where all are targets, none may be left.
        const double All = (double)Length * Blocks;
        if (probability == 1)
            Assert.Equal(All, targets);
        else
            Assert.InRange(ChiSquare([targets, (long)All - targets], [All * probability, All * (1 - probability)]), 0, 10.8);
    }

    [Fact]
    public void Corrupt_SpansOfOne_StandAnywhereInTheirContextsAlike()
    {
        var counts = new long[6];
        for (var number = 0; number < 3_000; number++)
        {
            var positions = Corrupt(TinyPlm.Permutation(spanLength: 1), Words(12), number).Positions;
            Assert.Equal([0, 1], positions.Select(place => place / 6));
            counts[positions[0]]++;
        }

        // Five degrees of freedom: above 20.5 once in a thousand.
        Assert.InRange(ChiSquare(counts, [.. Enumerable.Repeat(500.0, 6)]), 0, 20.5);
    }

    [Fact]
    public void Corrupt_SpansOfOneOrTwo_AreAsLikelyAndTwiceTheContext()
    {
        var counts = new long[2];
        for (var number = 0; number < 4_000; number++)
            counts[Corrupt(TinyPlm.Permutation(spanLength: 2), Words(6), number).Positions.Count - 1]++;

        // Of half of the blocks the span has two tokens and 12 of context: at five of eleven places both lie among the block's 6 tokens.
        var both = 4_000 * 0.5 * 5 / 11;
        Assert.InRange(ChiSquare(counts, [4_000 - both, both]), 0, 11);
    }

    [Fact]
    public void Corrupt_ThreeTargets_HaveEveryOrderAlike()
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var number = 0; number < 3_000; number++)
        {
            var order = string.Join(' ', Corrupt(TinyPlm.Permutation(spanLength: 1), Words(18), number).Ranks);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(6, counts.Count);
        Assert.InRange(ChiSquare([.. counts.Values], [.. Enumerable.Repeat(500.0, 6)]), 0, 20.5);
    }

    [Fact]
    public void Corrupt_EqualKeys_GiveTheSameAndOthersAnother()
    {
        string Of(long seed, int stream, int epoch, long number)
        {
            var corrupted = new CorruptedBlock();
            TinyPlm.Permutation(seed: seed).Corrupt(Words(60), new CorruptionKey(stream, epoch, number), corrupted);
            return string.Join(' ', corrupted.Positions) + "|" + string.Join(' ', corrupted.Ranks);
        }

        Assert.Equal(Of(1, 1, 2, 3), Of(1, 1, 2, 3));
        Assert.Equal(5, new[] { Of(1, 1, 2, 3), Of(2, 1, 2, 3), Of(1, 2, 2, 3), Of(1, 1, 3, 3), Of(1, 1, 2, 4) }.Distinct().Count());
    }

    [Fact]
    public void RequireTargets_SpecialTokensAlone_AreRefused()
    {
        var blocks = new BlockArray(4, 45);
        blocks.Add([2, 1, 1, 3]);

        var exception = Assert.Throws<InvalidDataException>(() => TinyPlm.Permutation().RequireTargets(blocks, "The data to train on"));

        Assert.Contains("1 blocks of 4 tokens", exception.Message, StringComparison.Ordinal);
        blocks.Add([2, 9, 3]);
        TinyPlm.Permutation().RequireTargets(blocks, "The data to train on");
    }

    [Fact]
    public void Create_SettingsOrTokenizersThatCannotBe_AreRefused()
    {
        var faults = Assert.Throws<InvalidOptionsException>(() => TinyPlm.Permutation(probability: 1.5, spanLength: 0));
        var tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "a"], new() { ClassificationToken = null, SeparatorToken = null, MaskToken = null });

        Assert.Equal(2, faults.Errors.Count);
        Assert.Contains("mask", Assert.Throws<InvalidOperationException>(() => new Permutation(tokenizer, 1)).Message, StringComparison.OrdinalIgnoreCase);
    }

    private static int[] Words(int count) => [.. Enumerable.Range(0, count).Select(i => TinyMlm.FirstWord + (i % 40))];

    private static CorruptedBlock Corrupt(Permutation permutation, int[] block, long number, int epoch = 0)
    {
        var corrupted = new CorruptedBlock();
        corrupted.Ranks.Add(99); // of an earlier block
        permutation.Corrupt(block, new CorruptionKey(RandomStreams.TrainingCorruption, epoch, number), corrupted);
        return corrupted;
    }

    private static double ChiSquare(long[] counts, double[] expected) =>
        counts.Zip(expected, (count, wanted) => (count - wanted) * (count - wanted) / wanted).Sum();
}
