using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives.Mlm;

public class MlmObjectiveTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public void Prepare_AnyBatchSizeAndOrder_CorruptsEachBlockAlike(int batchSize)
    {
        using var model = TinyMlm.Model();
        var objective = new MlmObjective(model, TinyMlm.Blocks(16, padded: 4), TinyMlm.Masking());
        var expected = Rows(objective, [.. Enumerable.Range(0, 16).Select(i => (long)i)]);
        long[] order = [.. Enumerable.Range(0, 16).Select(i => (long)(i * 7 % 16))];

        var actual = order.Chunk(batchSize).SelectMany(batch => Rows(objective, batch)).ToDictionary();

        Assert.Equal(expected.OrderBy(p => p.Key).Select(p => p.Value), actual.OrderBy(p => p.Key).Select(p => p.Value));
    }

    [Fact]
    public void Prepare_AnotherEpoch_MasksAnew()
    {
        using var model = TinyMlm.Model();
        var objective = new MlmObjective(model, TinyMlm.Blocks(16), TinyMlm.Masking());

        Assert.NotEqual(((CorruptedBatch)objective.Prepare([0, 1, 2, 3], default)).Positions, ((CorruptedBatch)objective.Prepare([0, 1, 2, 3], new TrainingPosition(1))).Positions);
    }

    [Fact]
    public void ComputeLosses_OfPaddedBatch_IsTheSumOverTheTargetsAlone()
    {
        using var scope = NewDisposeScope();
        using var model = TinyMlm.Model();
        model.eval();
        var objective = new MlmObjective(model, TinyMlm.Blocks(3, padded: 6), TinyMlm.Masking());
        var batch = (CorruptedBatch)objective.Prepare([0, 1, 2], default);
        var loss = (double)TinyMlm.Loss(objective, batch);

        // The plain way: all logits, one row at a time without its padding.
        double expected = 0;
        for (var row = 0; row < 3; row++)
        {
            var length = batch.Lengths![row];
            var ids = tensor(batch.InputIds.AsSpan(row * 16, length).ToArray()).to(ScalarType.Int64).unsqueeze(0); // [1, sequence]
            var logProbabilities = nn.functional.log_softmax(model.forward(ids), -1);
            for (var t = 0; t < batch.Positions.Length; t++)
            {
                if (batch.Positions[t] / 16 == row)
                    expected -= logProbabilities[0, batch.Positions[t] % 16, batch.Labels[t]].ToDouble();
            }
        }

        Assert.Equal([16, 16, 10], batch.Lengths!);
        Assert.Equal(42, batch.Tokens);
        Assert.Equal(expected, loss, 1e-4);
    }

    [Fact]
    public void Prepare_BlockThatEndsWithThePaddingId_KeepsItsLastToken()
    {
        using var model = TinyMlm.Model();
        var blocks = new BlockArray(6, 40 + TinyMlm.FirstWord);
        blocks.Add([2, 7, 8, 3, 0]);
        blocks.Add([2, 7, 3]);

        var batch = (CorruptedBatch)new MlmObjective(model, blocks, TinyMlm.Masking()).Prepare([0, 1], default);

        Assert.Equal([5, 3], batch.Lengths!);
        Assert.Equal(8, batch.Tokens);
    }

    [Fact]
    public void Prepare_BlocksShorterThanTheBatch_ArePaddedWithTheTokenizersId()
    {
        using var model = TinyMlm.Model();
        var tokenizer = BertWordPieceTokenizer.FromVocabulary(["[UNK]", "[CLS]", "[SEP]", "[MASK]", "[PAD]", "w"]);
        var blocks = new BlockArray(4, 6);
        blocks.Add([1, 2]);

        var batch = (CorruptedBatch)new MlmObjective(model, blocks, new TokenMasking(tokenizer, seed: 1)).Prepare([0], default);

        Assert.Equal([1, 2, 4, 4], batch.InputIds);
    }

    private static Dictionary<long, string> Rows(MlmObjective objective, long[] examples)
    {
        var batch = (CorruptedBatch)objective.Prepare(examples, new TrainingPosition(2));
        return examples.Select((example, row) => (example, row)).ToDictionary(
            e => e.example,
            e => string.Join(' ', batch.InputIds.AsSpan(e.row * 16, 16).ToArray()) + " / "
                + string.Join(' ', batch.Positions.Zip(batch.Labels).Where(p => p.First / 16 == e.row).Select(p => $"{p.First % 16}:{p.Second}")));
    }
}
