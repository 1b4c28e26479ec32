using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Support;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;

namespace MlNetBert.Tests.Pretraining;

public class PreviewCorruptionTests
{
    private readonly MLContext _ml = new(seed: 12);

    [Fact]
    public void PreviewCorruption_OfGroupedTokens_ShowsTheMasksOfTheFirstEpoch()
    {
        var preview = _ml.Data.PreviewCorruption(Grouped, "Tokens", maxBlocks: 4);

        Assert.Equal(12, preview.Seed);
        Assert.Equal(Tiny.BlockLength, preview.BlockLength);
        Assert.Equal([0L, 1, 2, 3], preview.Rows.Select(r => r.Index));
        var blocks = Blocks().GetColumn<uint[]>("Tokens").ToList();
        for (var block = 0; block < 4; block++)
            Check(preview.Rows[block], blocks[block], number: block, seed: 12);
    }

    [Fact]
    public void PreviewCorruption_OfPairs_SaysTheLabels()
    {
        var texts = Enumerable.Range(0, 30).Select(i => new SmallCorpus.Row { Text = "The cat sits here. The dog runs there. The mat is red. The cat sees it." });
        var data = Tiny.Tokens(_ml).Append(_ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 24, packing: BlockPacking.OneDocumentPerBlock))
            .Fit(SmallCorpus.Load(_ml)).Transform(_ml.Data.LoadFromEnumerable(texts));

        var preview = _ml.Data.PreviewCorruption(data, "Tokens", maxBlocks: 12, new MlmOptions { SentencePairs = SentencePairTask.SentenceOrder });

        Assert.Equal([0, 1], preview.Rows.Where(row => row.PairLabel is not null).Select(row => row.PairLabel!.Value).Distinct().Order());
        Assert.Contains(", pair label 1", preview.ToString(), StringComparison.Ordinal);
        Assert.All(_ml.Data.PreviewCorruption(data, "Tokens").Rows, row => Assert.Null(row.PairLabel));
    }

    [Fact]
    public void PreviewCorruption_OfBlocks_IsThatOfTheChain() =>
        Assert.Equal(_ml.Data.PreviewCorruption(Grouped, "Tokens").ToString(), _ml.Data.PreviewCorruption(Blocks(), "Tokens").ToString());

    [Fact]
    public void PreviewCorruption_WithBlocksHeldOut_NumbersThoseThatAreTrainedOn()
    {
        var options = new MlmOptions { Seed = 5, EvaluationFraction = 0.5 };

        var preview = _ml.Data.PreviewCorruption(Grouped, "Tokens", maxBlocks: 3, options);

        // Half of the blocks is held out, spread evenly; the others are numbered anew.
        var blocks = Blocks().GetColumn<uint[]>("Tokens").ToList();
        var heldOut = (int)Math.Round(blocks.Count * 0.5, MidpointRounding.AwayFromZero);
        var places = Enumerable.Range(1, heldOut).Select(n => (n * blocks.Count / heldOut) - 1).ToHashSet();
        var trained = blocks.Where((_, i) => !places.Contains(i)).ToList();
        for (var row = 0; row < 3; row++)
            Check(preview.Rows[row], trained[row], number: row, seed: 5);
    }

    [Fact]
    public void PreviewCorruption_Options_AreThoseOfTheTraining()
    {
        var all = _ml.Data.PreviewCorruption(Grouped, "Tokens", 1, new MlmOptions { MaskProbability = 1, MaskReplaceProbability = 0, RandomReplaceProbability = 0 }).Rows.Single();
        var masked = _ml.Data.PreviewCorruption(Grouped, "Tokens", 1, new MlmOptions { MaskProbability = 1, MaskReplaceProbability = 1, RandomReplaceProbability = 0 }).Rows.Single();

        Assert.Equal((0, 0), (all.MaskedCount, all.ReplacedCount));
        Assert.StartsWith("[CLS] [the|the] [cat|cat]", all.Text, StringComparison.Ordinal);
        Assert.Equal(masked.TargetCount, masked.MaskedCount);
        Assert.StartsWith("[CLS] [[MASK]|the] [[MASK]|cat]", masked.Text, StringComparison.Ordinal);
        Assert.Contains($"block 0: 16 tokens, {masked.TargetCount} targets ({masked.TargetCount} masked, 0 replaced, 0 kept)", _ml.Data.PreviewCorruption(Grouped, "Tokens", 1, new MlmOptions { MaskProbability = 1, MaskReplaceProbability = 1, RandomReplaceProbability = 0 }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void PreviewCorruption_WholeWords_ShowsNoPieceOfATargetUnmarked()
    {
        var rows = Tiny.Rows(_ml, [.. Enumerable.Repeat("the catfish sleeps nearest the fieldhouse riverhouse", 300)]);
        var tokens = _ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", Tiny.Tokenizer).Fit(rows).Transform(rows);

        // Kept as they are, so that a word of several pieces is [ca|ca] [##t|##t] where it is a target.
        var preview = _ml.Data.PreviewCorruption(tokens, "Tokens", maxBlocks: 12, new MlmOptions { Masking = MaskingUnit.WholeWords, MaskProbability = 0.5, MaskReplaceProbability = 0, RandomReplaceProbability = 0 });

        Assert.Contains(preview.Rows, row => row.Text.Contains("|##", StringComparison.Ordinal));
        Assert.All(preview.Rows, row => Assert.DoesNotMatch(@"\w \[##", row.Text)); // the piece before it is a target, too
        Assert.All(preview.Rows, row => Assert.DoesNotMatch(@"\] ##", row.Text)); // and the one behind it
    }

    [Fact]
    public void PreviewCorruption_BadInput_IsRefused()
    {
        Assert.Throws<InvalidOptionsException>(() => _ml.Data.PreviewCorruption(Grouped, "Tokens", 1, new MlmOptions { MaskProbability = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.PreviewCorruption(Grouped, "Tokens", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.PreviewCorruption(Grouped, "Nothing"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.PreviewCorruption(Grouped, "Text"));
        Assert.Throws<InvalidDataException>(() => _ml.Data.PreviewCorruption(_ml.Data.TakeRows(Grouped, 1), "Tokens"));
    }

    private static void Check(PreviewedBlock row, uint[] block, long number, int seed)
    {
        int[] ids = [.. block.Select(raw => (int)raw - 1)];
        var corrupted = new CorruptedBlock();
        new TokenMasking(Tiny.Tokenizer, seed).Corrupt(ids, new CorruptionKey(RandomStreams.TrainingCorruption, 0, number), corrupted);
        var expected = corrupted.Ids.Select(id => Tiny.Tokenizer.Vocabulary[id]).ToArray();
        foreach (var (position, label) in corrupted.Positions.Zip(corrupted.Labels))
            expected[position] = $"[{expected[position]}|{Tiny.Tokenizer.Vocabulary[label]}]";

        Assert.Equal(string.Join(' ', expected).Replace(" ##", "", StringComparison.Ordinal), row.Text);
        Assert.Equal(corrupted.Positions.Count, row.TargetCount);
        Assert.Equal(block.Length, row.TokenCount);
    }

    private IDataView Tokens => _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Fit(SmallCorpus.Load(_ml)).Transform(SmallCorpus.Load(_ml));

    private IDataView Grouped => Tiny.Group(_ml).Fit(Tokens).Transform(Tokens);

    private IDataView Blocks() => _ml.Data.GroupTokenBlocks(Tokens, "Tokens", Tiny.BlockLength);
}
