using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;
using MlNetBert.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives.Clm;

public class ClmObjectiveTests
{
    [Fact]
    public void Prepare_Blocks_HasOneTargetABlockFewerThanTokensAndNoneOfPadding()
    {
        using var model = TinyClm.Model();

        var batch = (CorruptedBatch)TinyClm.Objective(model, TinyMlm.Blocks(3, padded: 6)).Prepare([0, 2], default);

        Assert.Equal([16, 10], batch.Lengths!);
        Assert.Equal(26, batch.Tokens);
        Assert.Equal([15 + 9], batch.TargetCounts);
        Assert.Equal(Enumerable.Range(0, 15).Concat(Enumerable.Range(16, 9)), batch.Positions);
        Assert.Equal(batch.Positions.Select(position => batch.InputIds[position + 1]), batch.Labels);
    }

    [Fact]
    public void Prepare_WherePaddingIsTheEndToken_PredictsTheEndAndNoPadding()
    {
        using var model = TinyClm.Model();
        var tokenizer = BertWordPieceTokenizer.FromVocabulary(
            ["[UNK]", "a", "b", "[END]"],
            new() { PaddingToken = "[END]", EndOfTextToken = "[END]", ClassificationToken = null, SeparatorToken = null, MaskToken = null });
        var blocks = new BlockArray(6, 4);
        var grouper = new BlockGrouper(new BlockOptions { BlockLength = 6, Packing = BlockPacking.OneDocumentPerBlock }, tokenizer, blocks.Add);
        grouper.Add([1, 2]);
        grouper.Add([2, 2, 1]);
        grouper.Complete();

        var batch = (CorruptedBatch)new ClmObjective(model, new CorruptedBlocks(blocks, new NextTokens(tokenizer))).Prepare([0, 1], default);

        Assert.Equal([1, 2, 3, 3, 3, 3, 2, 2, 1, 3, 3, 3], batch.InputIds);
        Assert.Equal([2, 3, 2, 1, 3], batch.Labels);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ComputeLosses_OfPaddedBatch_IsTheSumOverTheTargetsAlone(bool inSlices)
    {
        using var scope = NewDisposeScope();
        using var model = TinyClm.Model();
        model.eval();
        var objective = TinyClm.Objective(model, TinyMlm.Blocks(3, padded: 6));
        var batch = (CorruptedBatch)objective.Prepare([0, 1, 2], default);
        if (inSlices)
            model.Head.MostLogits = 7 * model.Config.VocabularySize;

        // The plain way: one row at a time without its padding, all logits.
        double expected = 0;
        for (var row = 0; row < 3; row++)
        {
            var ids = tensor(batch.InputIds.AsSpan(row * 16, batch.Lengths![row]).ToArray()).to(ScalarType.Int64).unsqueeze(0); // [1, sequence]
            expected += CausalLanguageModel.Loss(model.forward(ids), ids).ToDouble() * (batch.Lengths[row] - 1);
        }

        Assert.Equal(expected, TinyMlm.Loss(objective, batch), 1e-4);
        var evaluated = new HeldOutEvaluation(objective, 2).Run(TestContext.Current.CancellationToken);
        Assert.Equal(expected / 39, evaluated.Loss, 1e-5);
        Assert.Equal(Math.Exp(evaluated.Loss), evaluated.Perplexity!.Value, 1e-9);
        Assert.Equal(39, evaluated.TargetCount);
    }

    [Fact]
    public void ComputeLosses_InSlices_HasTheGradientsOfTheWhole()
    {
        var whole = Gradients(long.MaxValue);
        var sliced = Gradients(5 * 45);

        Assert.All(whole.Zip(sliced), pair => Assert.Equal(pair.First, pair.Second, 1e-5));

        static float[] Gradients(long mostLogits)
        {
            using var scope = NewDisposeScope();
            using var model = TinyClm.Model();
            model.Head.MostLogits = mostLogits;
            var objective = TinyClm.Objective(model, TinyMlm.Blocks(4, padded: 6));
            model.Backward(objective.ComputeLosses(objective.Prepare([0, 3], default), dropoutSeed: 1)[0].Sum);
            return [.. model.parameters().SelectMany(parameter => parameter.grad!.data<float>().ToArray())];
        }
    }
}
