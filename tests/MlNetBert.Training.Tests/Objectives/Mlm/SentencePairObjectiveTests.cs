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

    [Fact]
    public void Evaluate_BlocksWithoutAPair_IsTheMaskedLossAlone()
    {
        using var model = Stories.Model();
        model.eval();
        var blocks = Stories.Blocks(sentences: 1);
        var objective = new SentencePairObjective(model, new CorruptedBlocks(blocks, Stories.Pairing(blocks, SentencePairTask.NextSentence)));

        var result = new HeldOutEvaluation(objective, batchSize: 5).Run(TestContext.Current.CancellationToken);

        Assert.Equal(SentencePairObjective.MaskedLoss, Assert.Single(result.Metrics!).Key);
        Assert.Equal(result.Loss, result.Metrics![SentencePairObjective.MaskedLoss]);
        Assert.True(double.IsFinite(result.Loss));
    }

    /// <summary>Where both losses go through the backbone in one backward pass: libtorch has no graph of the loss over the vocabulary.</summary>
    public static TheoryData<string, bool, bool, bool> Passes =>
        [.. from architecture in new[] { "bert", "albert" } from isPadded in new[] { false, true } from recomputes in new[] { false, true } from isSliced in new[] { false, true } select (architecture, isPadded, recomputes, isSliced)];

    [Theory]
    [MemberData(nameof(Passes))]
    public void ComputeLosses_LossesWithoutAGraph_GiveTheGradientsOfPlainLayers(string architecture, bool isPadded, bool recomputes, bool isSliced)
    {
        using var plain = Small(architecture);
        using var model = Small(architecture);
        // Slices are without a graph on plain layers, too.
        (model.TrainsWithKernels, model.ActivationCheckpointing, model.Head.MostLogits) = (!isSliced, recomputes, isSliced ? 3 * Stories.Tokenizer.Vocabulary.Count : model.Head.MostLogits);
        var batch = Rows(isPadded);

        var (expectedLoss, expected) = LossAndGradients(plain, batch);
        var (loss, gradients) = LossAndGradients(model, batch);

        Assert.Equal(0, model.Backbone.KeptPasses);
        Assert.Equal(expectedLoss, loss, 1e-4f);
        Assert.Equal(expected.Keys, gradients.Keys);
        foreach (var (parameter, gradient) in expected)
            Assert.True(gradients[parameter].sub(gradient).abs().max().item<float>() < 1e-4 * Math.Max(1e-2, gradient.abs().max().item<float>()), parameter);
    }

    private static PreTrainingModel Small(string architecture)
    {
        var owner = ModelArchitecture.Get(architecture);
        var config = owner.CreateConfig(ModelSize.Tiny, Stories.Tokenizer.Vocabulary.Count, 24, new ModelTokenIds(Padding: 0, Classification: 2, Separator: 3));
        return (PreTrainingModel)owner.Create(ModelHead.PreTraining, config, seed: 3);
    }

    private static CorruptedBatch Rows(bool isPadded)
    {
        var ids = Enumerable.Range(0, 4 * 24).Select(i => 6 + (i * 7 % 100)).ToArray();
        int[] lengths = [24, 15, 9, 20];
        return new CorruptedBatch
        {
            Examples = [0, 1, 2, 3],
            InputIds = ids,
            Rows = 4,
            Length = 24,
            Lengths = isPadded ? lengths : null,
            TokenTypeIds = [.. ids.Select((_, i) => i % 24 / 8 % 2)],
            PairLabels = [0, 1, CorruptedBlock.NoPair, 1],
            Positions = [1, 5, 24 + 3, 24 + 14, 48, 72 + 19],
            Labels = [9, 10, 11, 12, 13, 14],
            TargetCounts = [6, 3],
            Tokens = isPadded ? lengths.Sum() : ids.Length,
        };
    }

    private static (float Loss, Dictionary<string, Tensor> Gradients) LossAndGradients(PreTrainingModel model, CorruptedBatch batch)
    {
        model.train();
        var terms = new SentencePairObjective(model, new Fixed(batch)).ComputeLosses(batch, dropoutSeed: 5);
        var loss = terms[0].Sum.div(batch.TargetCounts[0]).add(terms[1].Sum.div(batch.TargetCounts[1]));
        return (loss.item<float>(), Gradients(model, loss));
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
