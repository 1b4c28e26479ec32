using System.Text.Json;
using MlNetBert.Models;
using MlNetBert.Models.Heads;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives.Mlm;

public sealed class SentencePairObjectiveConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create()
    {
        var blocks = Stories.Blocks(documents: 5);
        blocks.Add([2, Stories.Word(6, 0), 5, 3], document: 5); // no pair
        return new SentencePairObjective(Stories.Model(), new CorruptedBlocks(blocks, Stories.Pairing(blocks, SentencePairTask.NextSentence)));
    }

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((CorruptedBatch)batch);
}

public class SentencePairObjectiveTests
{
    [Theory]
    [InlineData("bert-pretraining", "next_sentence_label")]
    [InlineData("albert-pretraining", "sentence_order_label")]
    public void ComputeLosses_OfAReference_AreItsLossAndGoBackAsTheModelDoes(string name, string labels)
    {
        using var golden = new Golden<PreTrainingModel>(name, ModelHead.PreTraining);
        var model = golden.Model;
        model.eval();
        var batch = BatchOf(golden, labels);

        var terms = new SentencePairObjective(model, new Fixed(batch)).ComputeLosses(batch, dropoutSeed: 0);
        var loss = terms[0].Sum.div(batch.TargetCounts[0]).add(terms[1].Sum.div(batch.TargetCounts[1]));
        Assert.Equal(golden.Loss, loss.item<float>(), 1e-4);
        var gradients = Gradients(model, loss);

        using var scope = NewDisposeScope();
        var hidden = model.Backbone.forward(new(golden.Tensor("input.input_ids"), golden.Tensor("input.attention_mask"), golden.Tensor("input.token_type_ids"))).LastHiddenState;
        var whole = MaskedLanguageModel.Loss(model.Head.Logits(hidden), golden.Tensor("input.labels"))
            .add(nn.functional.cross_entropy(model.Relationship(hidden), golden.Tensor("input." + labels)));
        foreach (var (parameter, gradient) in Gradients(model, whole))
            Assert.True(gradients[parameter].sub(gradient).abs().max().item<float>() < 1e-4 * Math.Max(1e-2, gradient.abs().max().item<float>()), parameter);
    }

    [Fact]
    public void Evaluate_OfSomeBatches_GivesBothLossesAndTheAccuracyOfPairs()
    {
        using var model = Stories.Model();
        model.eval();
        var blocks = Stories.Blocks();
        var objective = new SentencePairObjective(model, new CorruptedBlocks(blocks, Stories.Pairing(blocks, SentencePairTask.SentenceOrder), RandomStreams.EvaluationCorruption));

        var result = new HeldOutEvaluation(objective, batchSize: 5).Run(TestContext.Current.CancellationToken);
        var batch = (CorruptedBatch)objective.Prepare([.. Enumerable.Range(0, Stories.Documents).Select(i => (long)i)], default);

        using var noGradient = no_grad();
        var terms = objective.ComputeLosses(batch, 0);
        Assert.Null(result.Perplexity);
        Assert.Equal(terms[0].Sum.item<float>() / batch.TargetCounts[0], result.Metrics![SentencePairObjective.MaskedLoss], 1e-4);
        Assert.Equal(terms[1].Sum.item<float>() / batch.TargetCounts[1], result.Metrics[SentencePairObjective.PairLoss], 1e-4);
        Assert.Equal(result.Loss, result.Metrics[SentencePairObjective.MaskedLoss] + result.Metrics[SentencePairObjective.PairLoss], 1e-9);
        Assert.InRange(result.Metrics[SentencePairObjective.PairAccuracy], 0, 1);
        Assert.Equal(batch.TargetCounts[0], result.TargetCount);
    }

    private static CorruptedBatch BatchOf(Golden<PreTrainingModel> golden, string pairs)
    {
        int[] Numbers(string name) => [.. golden.Tensor(name).to(ScalarType.Int32).reshape(-1).data<int>()];
        var (ids, labels) = (golden.Tensor("input.input_ids"), Numbers("input.labels"));
        int[] positions = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] != StoredBlocks.IgnoredLabel)];
        return new CorruptedBatch
        {
            Examples = [0],
            InputIds = Numbers("input.input_ids"),
            Rows = (int)ids.shape[0],
            Length = (int)ids.shape[1],
            AttentionMask = Numbers("input.attention_mask"),
            TokenTypeIds = Numbers("input.token_type_ids"),
            PairLabels = Numbers("input." + pairs),
            Positions = positions,
            Labels = Array.ConvertAll(positions, i => labels[i]),
            TargetCounts = [positions.Length, ids.shape[0]],
            Tokens = labels.Length,
        };
    }

    private static Dictionary<string, Tensor> Gradients(PreTrainingModel model, Tensor loss)
    {
        model.zero_grad();
        model.Backward(loss);
        return model.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());
    }

    private sealed class Fixed(CorruptedBatch batch) : IBatchSource<CorruptedBatch>
    {
        public long Count => 1;

        public CorruptedBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) => batch;
    }
}
