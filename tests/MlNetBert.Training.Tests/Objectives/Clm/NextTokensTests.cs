using CsCheck;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Clm;

public class NextTokensTests
{
    [Fact]
    public void Corrupt_AnyBlock_LeavesItAndPredictsEachTokenButTheFirstFromTheOneBefore() =>
        Gen.Select(Gen.Int[0, 44].Array[0, 40], Gen.Long[0, 1 << 20], Gen.Int[0, 5]).Sample((block, number, epoch) =>
        {
            var corrupted = new CorruptedBlock();
            corrupted.Labels.Add(99); // of an earlier block

            new NextTokens(TinyMlm.Tokenizer()).Corrupt(block, new CorruptionKey(RandomStreams.TrainingCorruption, epoch, number), corrupted);

            Assert.Equal(block, corrupted.Ids);
            Assert.Equal(Enumerable.Range(0, Math.Max(0, block.Length - 1)), corrupted.Positions);
            Assert.Equal(block.Skip(1), corrupted.Labels);
        }, iter: 100);

    [Fact]
    public void PaddingTokenId_WithoutAPaddingToken_IsTheEndTokenOrTheFirst()
    {
        Assert.Equal(0, new NextTokens(TinyMlm.Tokenizer()).PaddingTokenId);
        Assert.Equal(2, new NextTokens(Tokenizer(new WordPieceTokenizerOptions { EndOfTextToken = "[END]", PaddingToken = null })).PaddingTokenId);
        Assert.Equal(0, new NextTokens(Tokenizer(new WordPieceTokenizerOptions { PaddingToken = null })).PaddingTokenId);

        static SubwordTokenizer Tokenizer(WordPieceTokenizerOptions options) => BertWordPieceTokenizer.FromVocabulary(
            ["[UNK]", "a", "[END]", "b"], options with { ClassificationToken = null, SeparatorToken = null, MaskToken = null });
    }

    [Fact]
    public void RequireTargets_BlocksOfOneToken_AreRefused()
    {
        var blocks = new BlockArray(4, 45);
        blocks.Add([7]);
        blocks.Add([8]);

        var exception = Assert.Throws<InvalidDataException>(() => NextTokens.RequireTargets(blocks, "The data to train on"));

        Assert.Contains("The data to train on have no token to predict", exception.Message, StringComparison.Ordinal);
        Assert.Contains("2 of one", exception.Message, StringComparison.Ordinal);
        blocks.Add([8, 9]);
        NextTokens.RequireTargets(blocks, "The data to train on");
    }
}
