using CsCheck;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Masking;

public class TokenMaskingTests
{
    private const int Words = 64;
    private const int Mask = 4;

    [Fact]
    public void Corrupt_ManyTokens_TakesFifteenPercentAsTargets()
    {
        var (targets, tokens, _, _, _) = Count(TinyMlm.Masking(Words), blocks: 2_000, length: 128);

        // Chi-square with one degree of freedom: above 11 once in a thousand.
        Assert.InRange(ChiSquare([targets, tokens - targets], [0.15 * tokens, 0.85 * tokens]), 0, 11);
    }

    [Fact]
    public void Corrupt_ManyTargets_MasksReplacesAndKeepsEightyTenTen()
    {
        var (targets, _, masked, replaced, kept) = Count(TinyMlm.Masking(Words), blocks: 2_000, length: 128);

        // A replacement is the original itself once in so many words.
        var same = 0.1 / Words;
        Assert.Equal(targets, masked + replaced + kept);
        Assert.InRange(ChiSquare([masked, replaced, kept], [0.8 * targets, (0.1 - same) * targets, (0.1 + same) * targets]), 0, 14);
    }

    [Fact]
    public void Corrupt_RandomReplacements_AreUniformOverOrdinaryPieces()
    {
        var masking = new TokenMasking(TinyMlm.Tokenizer(Words), 5, probability: 1, maskShare: 0, randomShare: 1);
        var counts = new long[Words];
        for (var block = 0; block < 500; block++)
        {
            var tokens = Enumerable.Repeat(TinyMlm.FirstWord, 128).ToArray();
            foreach (var token in Corrupt(masking, tokens, block).Ids)
                counts[token - TinyMlm.FirstWord]++;
        }

        // 63 degrees of freedom: above 104 once in a thousand.
        Assert.InRange(ChiSquare(counts, [.. Enumerable.Repeat(500 * 128.0 / Words, Words)]), 0, 104);
    }

    [Fact]
    public void RequireTargets_SpecialAndUnknownTokensAlone_AreRefused()
    {
        var masking = TinyMlm.Masking(Words);
        var blocks = new BlockArray(4, Words + TinyMlm.FirstWord);
        blocks.Add([2, 1, 1, 3]);
        blocks.Add([2, Mask, 3]);

        Assert.Contains("2 blocks of 4 tokens", Assert.Throws<InvalidDataException>(() => masking.RequireTargets(blocks, "The data")).Message, StringComparison.Ordinal);
        blocks.Add([2, TinyMlm.FirstWord, 3]);
        masking.RequireTargets(blocks, "The data");
    }

    [Fact]
    public void Corrupt_AnyBlock_TargetsOrdinaryTokensOnlyAndAtLeastOne() =>
        Gen.Select(Gen.Int[0, Words + TinyMlm.FirstWord - 1].Array[1, 40], Gen.Long[0, 1 << 20], Gen.Int[0, 5], Gen.Double[0.01, 1]).Sample((original, block, epoch, probability) =>
        {
            var corrupted = Corrupt(TinyMlm.Masking(Words, probability), original, block, epoch);
            var (tokens, positions, labels) = (corrupted.Ids, corrupted.Positions, corrupted.Labels);

            Assert.Equal(original.Any(t => t >= TinyMlm.FirstWord), positions.Count > 0);
            Assert.Equal(positions.Order().Distinct(), positions);
            Assert.Equal(positions.Select(p => original[p]), labels);
            Assert.All(labels, label => Assert.True(label >= TinyMlm.FirstWord));
            for (var i = 0; i < tokens.Count; i++)
            {
                if (!positions.Contains(i))
                    Assert.Equal(original[i], tokens[i]);
                else
                    Assert.True(tokens[i] is Mask or >= TinyMlm.FirstWord);
            }
        }, iter: 300);

    [Fact]
    public void Corrupt_ProbabilityOne_TargetsEveryOrdinaryToken()
    {
        var corrupted = Corrupt(new TokenMasking(TinyMlm.Tokenizer(), 1, probability: 1), [2, 5, 6, 7, 3, 0]);

        Assert.Equal([1, 2, 3], corrupted.Positions);
        Assert.Equal([5, 6, 7], corrupted.Labels);
    }

    [Fact]
    public void Corrupt_AnotherEpochSeedOrStream_GivesOtherMasks()
    {
        var first = Positions(seed: 1, RandomStreams.TrainingCorruption, epoch: 0);

        Assert.Equal(first, Positions(seed: 1, RandomStreams.TrainingCorruption, epoch: 0));
        Assert.NotEqual(first, Positions(seed: 1, RandomStreams.TrainingCorruption, epoch: 1));
        Assert.NotEqual(first, Positions(seed: 2, RandomStreams.TrainingCorruption, epoch: 0));
        Assert.NotEqual(first, Positions(seed: 1, RandomStreams.EvaluationCorruption, epoch: 0));
    }

    [Theory]
    [InlineData(0, 0.8, 0.1, "MaskProbability")]
    [InlineData(1.1, 0.8, 0.1, "MaskProbability")]
    [InlineData(double.NaN, 0.8, 0.1, "MaskProbability")]
    [InlineData(0.15, -0.1, 0.1, "MaskReplaceProbability")]
    [InlineData(0.15, 0.8, 1.5, "RandomReplaceProbability")]
    [InlineData(0.15, 0.8, 0.3, "MaskReplaceProbability + RandomReplaceProbability")]
    public void Constructor_ImpossibleShare_NamesIt(double probability, double mask, double random, string name)
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new TokenMasking(TinyMlm.Tokenizer(), 1, probability, mask, random));

        Assert.Contains(exception.Errors, fault => fault.StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Constructor_UnknownUnitOrFinalProbability_NamesIt()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new TokenMasking(TinyMlm.Tokenizer(), 1, masking: (MaskingUnit)7, finalProbability: 0));

        Assert.Equal(["Masking", "FinalMaskProbability"], exception.Errors.Select(fault => fault.Split(' ')[0]));
    }

    private static List<int> Positions(long seed, int stream, int epoch)
    {
        var corrupted = new CorruptedBlock();
        TinyMlm.Masking(seed: seed).Corrupt(Enumerable.Repeat(9, 500).ToArray(), new CorruptionKey(stream, epoch, 4), corrupted);
        return corrupted.Positions;
    }

    private static CorruptedBlock Corrupt(TokenMasking masking, int[] tokens, long block = 0, int epoch = 0)
    {
        var corrupted = new CorruptedBlock();
        masking.Corrupt(tokens, new CorruptionKey(RandomStreams.TrainingCorruption, epoch, block), corrupted);
        return corrupted;
    }

    private static (long Targets, long Tokens, long Masked, long Replaced, long Kept) Count(TokenMasking masking, int blocks, int length)
    {
        long targets = 0, masked = 0, kept = 0;
        for (var block = 0; block < blocks; block++)
        {
            var tokens = Enumerable.Range(0, length).Select(i => TinyMlm.FirstWord + ((i + block) % Words)).ToArray();
            var corrupted = Corrupt(masking, tokens, block);
            targets += corrupted.Positions.Count;
            masked += corrupted.Positions.Count(p => corrupted.Ids[p] == Mask);
            kept += corrupted.Positions.Zip(corrupted.Labels).Count(p => corrupted.Ids[p.First] == p.Second);
        }

        return (targets, (long)blocks * length, masked, targets - masked - kept, kept);
    }

    private static double ChiSquare(long[] observed, double[] expected) => observed.Zip(expected, (o, e) => (o - e) * (o - e) / e).Sum();
}
