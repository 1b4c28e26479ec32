using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Clm;

public class HybridTargetsTests
{
    private const int Blocks = 4000;

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Corrupt_ManyBlocks_AreCausalByTheFraction(double fraction)
    {
        var targets = Drawn(seed: 7, fraction);

        var causal = Enumerable.Range(0, Blocks).Count(block => Corrupt(targets, block).IsCausal == true);

        var expected = fraction * Blocks;
        // Chi-square of two classes at one in ten thousand: 15.1.
        Assert.True(fraction is 0 or 1 ? causal == expected : Math.Pow(causal - expected, 2) / (expected * (1 - fraction)) < 15.1, $"{causal} of {Blocks}");
    }

    [Fact]
    public void Corrupt_EpochsStreamsAndSeeds_ChooseOtherBlocks()
    {
        bool[] Kinds(long seed, int stream, int epoch) => [.. Enumerable.Range(0, 64).Select(block =>
            Corrupt(Drawn(seed, 0.5), block, epoch, stream).IsCausal == true)];
        var kinds = Kinds(1, RandomStreams.TrainingCorruption, 0);

        Assert.Equal(kinds, Kinds(1, RandomStreams.TrainingCorruption, 0));
        Assert.NotEqual(kinds, Kinds(1, RandomStreams.TrainingCorruption, 1));
        Assert.NotEqual(kinds, Kinds(1, RandomStreams.EvaluationCorruption, 0));
        Assert.NotEqual(kinds, Kinds(2, RandomStreams.TrainingCorruption, 0));
    }

    [Fact]
    public void Corrupt_MaskedBlock_IsThatOfMaskedLanguageModelingOnePlaceBefore()
    {
        var targets = Drawn(seed: 11, fraction: 0);
        for (var block = 0; block < 50; block++)
        {
            var (masked, expected) = (Corrupt(targets, block), new CorruptedBlock());
            TinyMlm.Masking(seed: 11).Corrupt(Block(block), new CorruptionKey(RandomStreams.TrainingCorruption, 0, block), expected);

            Assert.Equal(expected.Ids, masked.Ids);
            Assert.Equal(expected.Labels, masked.Labels);
            Assert.Equal(expected.Positions.Select(position => position - 1), masked.Positions);
        }
    }

    [Fact]
    public void Corrupt_FirstTokenMasked_IsLeftAsItIsAndNoTarget()
    {
        int[] block = [5, 6, 7, 8]; // begins with a word
        var targets = Drawn(seed: 3, fraction: 0);
        var hidden = 0;
        for (var number = 0; number < 200; number++)
        {
            var (corrupted, plain) = (new CorruptedBlock(), new CorruptedBlock());
            var key = new CorruptionKey(RandomStreams.TrainingCorruption, 0, number);
            targets.Corrupt(block, key, corrupted);
            TinyMlm.Masking(seed: 3).Corrupt(block, key, plain);

            hidden += plain.Positions[0] == 0 ? 1 : 0;
            Assert.Equal(5, corrupted.Ids[0]);
            Assert.Equal(plain.Positions.Where(position => position > 0).Select(position => position - 1), corrupted.Positions);
            Assert.Equal(corrupted.Positions.Select(position => block[position + 1]), corrupted.Labels);
        }

        Assert.True(hidden > 10);
    }

    [Fact]
    public void Corrupt_BlocksTwice_AreCausalAndThenHaveTheMasksOfAnEvaluation()
    {
        var blocks = TinyMlm.Blocks(5, padded: 4);
        var twice = new BlocksTwice(blocks);
        var targets = HybridTargets.Halves(TinyMlm.Tokenizer(), TinyMlm.Masking(seed: 11), blocks.Count);

        var batch = new CorruptedBlocks(twice, targets, RandomStreams.EvaluationCorruption).Prepare([.. Enumerable.Range(0, 10).Select(i => (long)i)], default);
        var masked = new CorruptedBlocks(blocks, TinyMlm.Masking(seed: 11), RandomStreams.EvaluationCorruption).Prepare([0, 1, 2, 3, 4], default);

        Assert.Equal([.. Enumerable.Repeat(true, 5), .. Enumerable.Repeat(false, 5)], batch.CausalRows!);
        Assert.Equal([(4 * 15) + 11, masked.Labels.Length], batch.TargetCounts);
        Assert.Equal(masked.InputIds, batch.InputIds[^masked.InputIds.Length..]);
        Assert.Equal(masked.Positions.Select(position => (5 * 16) + position - 1), batch.Positions[^masked.Positions.Length..]);
    }

    private static HybridTargets Drawn(long seed, double fraction) => HybridTargets.Drawn(TinyMlm.Tokenizer(), TinyMlm.Masking(seed: seed), seed, fraction);

    private static int[] Block(int number) => [2, .. Enumerable.Range(0, 14).Select(i => TinyMlm.FirstWord + (((number * 7) + i) % 40)), 3];

    private static CorruptedBlock Corrupt(HybridTargets targets, int block, int epoch = 0, int stream = RandomStreams.TrainingCorruption)
    {
        var corrupted = new CorruptedBlock();
        targets.Corrupt(Block(block), new CorruptionKey(stream, epoch, block), corrupted);
        return corrupted;
    }
}
