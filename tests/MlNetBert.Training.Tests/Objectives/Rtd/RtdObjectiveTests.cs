using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Rtd;
using MlNetBert.Training.Optimizers;
using MlNetBert.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives.Rtd;

public sealed class RtdObjectiveTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Prepare_PaddedBlocks_CountsMaskedTokensAndTokensWithoutPadding()
    {
        using var models = TinyRtd.Models();

        var batch = (RtdBatch)TinyRtd.Objective(models, TinyMlm.Blocks(3, padded: 6)).Prepare([0, 2], default);

        Assert.Equal([batch.Masked.Labels.Length, 16 + 10], batch.TargetCounts);
        Assert.Equal(26, batch.Tokens);
        Assert.Equal(batch.Masked.Labels.Length, batch.Draws.Length);
    }

    [Fact]
    public void Prepare_WithOthersAndInOtherOrder_DrawsByTheFourthNumberOfThePlace()
    {
        using var models = TinyRtd.Models();
        var objective = TinyRtd.Objective(models, TinyMlm.Blocks(6));
        var at = new TrainingPosition(Epoch: 2);
        var numbers = new PhiloxStream(11, RandomStreams.TrainingCorruption, 2);

        var whole = DrawsOf((RtdBatch)objective.Prepare([0, 1, 2, 3, 4, 5], at));
        var parts = DrawsOf((RtdBatch)objective.Prepare([5, 2], at)).Concat(DrawsOf((RtdBatch)objective.Prepare([0], at)));

        Assert.All(parts, part => Assert.Equal(part.Value, whole[part.Key]));
        Assert.All(whole, draw => Assert.Equal(numbers.Words(draw.Key.Block, draw.Key.Place).X3 / (double)(1UL << 32), draw.Value));
        Assert.NotEqual(whole, DrawsOf((RtdBatch)objective.Prepare([0, 1, 2, 3, 4, 5], default)));
    }

    [Theory]
    [InlineData("electra")]
    [InlineData("modernbert")]
    [InlineData("bert")]
    public void ComputeLosses_OfPaddedBatch_AreThoseOfTheModelsByThemselves(string architecture)
    {
        using var models = TinyRtd.Models(architecture);
        models.eval();
        var objective = TinyRtd.Objective(models, TinyMlm.Blocks(3, padded: 6));
        var batch = (RtdBatch)objective.Prepare([0, 1, 2], default);

        // The plain way: one row at a time without its padding, all logits, one draw after the other.
        var (generator, discriminator, target) = (0.0, 0.0, 0);
        for (var row = 0; row < 3; row++)
        {
            var length = batch.Masked.Lengths![row];
            var ids = batch.Masked.InputIds.AsSpan(row * 16, length).ToArray();
            var probabilities = models.Generator.forward(Row(ids))[0].softmax(1).to(ScalarType.Float64);         // [sequence, vocabulary]
            var isReplaced = new float[length];
            for (; target < batch.Draws.Length && batch.Masked.Positions[target] < (row + 1) * 16; target++)
            {
                var (place, label) = (batch.Masked.Positions[target] - (row * 16), batch.Masked.Labels[target]);
                var distribution = probabilities[place].data<double>().ToArray();
                generator -= Math.Log(distribution[label]);
                var (drawn, sum) = (0, distribution[0]);
                while (sum <= batch.Draws[target])
                    sum += distribution[++drawn];
                ids[place] = drawn;
                isReplaced[place] = drawn == label ? 0 : 1;
            }

            var logits = models.Discriminator.forward(Row(ids));                                                // [1, sequence]
            discriminator += ReplacedTokenDetector.Loss(logits, tensor(isReplaced).unsqueeze(0)).ToDouble() * length;
        }

        var terms = objective.ComputeLosses(batch, dropoutSeed: 0);
        Assert.Equal(["generator", "discriminator"], terms.Select(term => term.Name));
        Assert.Equal([1, 50], terms.Select(term => term.Weight));
        Assert.Equal(generator, terms[0].Sum.ToDouble(), 1e-3);
        Assert.Equal(discriminator, terms[1].Sum.ToDouble(), 1e-3);
        var evaluated = new HeldOutEvaluation(objective, 2).Run(TestContext.Current.CancellationToken);
        Assert.Equal(generator / batch.Draws.Length, evaluated.Metrics![RtdObjective.GeneratorLoss], 1e-4);
        Assert.Equal(discriminator / 42, evaluated.Metrics[RtdObjective.DiscriminatorLoss], 1e-4);
        Assert.Equal((generator / batch.Draws.Length) + (50 * discriminator / 42), evaluated.Loss, 1e-3);
        Assert.Equal(42, evaluated.TargetCount);
        Assert.Null(evaluated.Perplexity);
    }

    [Fact]
    public void Backward_OfTheDiscriminatorsLoss_ReachesTheGeneratorThroughSharedEmbeddingsAlone()
    {
        using var models = TinyRtd.Models();
        var objective = TinyRtd.Objective(models, TinyMlm.Blocks(4));

        LanguageModelModule.BackwardThrough(models, objective.ComputeLosses(objective.Prepare([0, 1, 2, 3], default), dropoutSeed: 1)[1].Sum);

        var shared = models.Discriminator.parameters().ToHashSet(ReferenceEqualityComparer.Instance);
        Assert.All(models.Generator.parameters(), parameter => Assert.Equal(shared.Contains(parameter), parameter.grad is not null));
        Assert.All(models.Discriminator.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Theory]
    [InlineData("modernbert", true, false)]
    [InlineData("bert", true, false)]
    [InlineData("electra", true, false)]
    [InlineData("modernbert", false, true)]
    public void Backward_WithKernelsOrActivationCheckpointing_GivesTheGradientsOfPlainPasses(string architecture, bool kernels, bool recomputes)
    {
        var plain = Gradients(false, false);
        var other = Gradients(kernels, recomputes);

        Assert.All(plain, gradient => Assert.True(gradient.Value.allclose(other[gradient.Key], rtol: 1e-3, atol: 1e-4), gradient.Key));

        Dictionary<string, Tensor> Gradients(bool withKernels, bool checkpoints)
        {
            var models = TinyRtd.Models(architecture, hidden: 48);
            foreach (var model in LanguageModelModule.OutermostIn(models))
                (model.TrainsWithKernels, model.ActivationCheckpointing) = (withKernels, checkpoints);
            var objective = TinyRtd.Objective(models, TinyMlm.Blocks(4));
            var terms = objective.ComputeLosses(objective.Prepare([0, 1, 2, 3], default), dropoutSeed: 1);
            LanguageModelModule.BackwardThrough(models, terms[0].Sum.add(terms[1].Sum));
            return models.named_parameters().ToDictionary(named => named.name, named => named.parameter.grad!);
        }
    }

    [Fact]
    public void Evaluate_WhereTheGeneratorGivesTheTextsOwnTokens_FindsNothingReplaced()
    {
        using var models = TinyRtd.Models(words: 1);
        var blocks = TinyMlm.Blocks(4, words: 1);
        using (no_grad())
        {
            var bias = models.Generator.named_parameters().Single(named => named.name.EndsWith("head.bias", StringComparison.Ordinal)).parameter;
            bias[TinyMlm.FirstWord] = 1000;
        }

        var masking = new Training.Objectives.Masking.TokenMasking(TinyMlm.Tokenizer(1), 5);
        var objective = new RtdObjective(models, new CorruptedBlocks(blocks, masking), 5, RandomStreams.TrainingCorruption);
        var result = new HeldOutEvaluation(objective, 4).Run(TestContext.Current.CancellationToken);

        Assert.Equal(0, result.Metrics![RtdObjective.Replaced]);
        Assert.False(result.Metrics.ContainsKey(RtdObjective.Found)); // of nothing there is no fraction
        Assert.Equal(result.Accuracy, result.Metrics[RtdObjective.Kept]);
    }

    [Fact]
    public void Evaluate_OfModelsWithDropout_GivesTheSameTwiceAndTrainingDoesNot()
    {
        using var models = TinyRtd.Models(dropout: 0.3);
        var objective = TinyRtd.Objective(models, TinyMlm.Blocks(4));
        var batch = objective.Prepare([0, 1, 2, 3], default);
        double[] Losses(long seed) => [.. objective.ComputeLosses(batch, seed).Select(term => term.Sum.ToDouble())];
        EvaluationResult Evaluate() => new HeldOutEvaluation(objective, 4).Run(TestContext.Current.CancellationToken);

        Assert.Equal(Evaluate().Metrics, Evaluate().Metrics);
        Assert.True(models.Generator.training && models.Discriminator.training);
        Assert.Equal(Losses(1), Losses(1));
        Assert.All(Losses(1).Zip(Losses(2)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void ComputeLosses_OfABatchWithoutAnythingToMask_LearnsThatNothingIsReplaced()
    {
        using var models = TinyRtd.Models();
        var blocks = new BlockArray(4, 45);
        blocks.Add([2, 1, 1, 3]);
        var objective = TinyRtd.Objective(models, blocks);
        var batch = objective.Prepare([0], default);

        var terms = objective.ComputeLosses(batch, dropoutSeed: 0);

        Assert.Equal([0, 4], batch.TargetCounts);
        Assert.Equal(0, terms[0].Sum.ToDouble());
        var ids = Row([2, 1, 1, 3]);
        Assert.Equal(4 * ReplacedTokenDetector.Loss(models.Discriminator.forward(ids), zeros_like(ids)).ToDouble(), terms[1].Sum.ToDouble(), 1e-4);
    }

    [Theory]
    [InlineData("electra", 5)] // words, positions, segments, the norm's scale and offset
    [InlineData("modernbert", 2)] // words, the norm's scale
    public void TrainableParameters_OfBoth_HoldSharedEmbeddingsOnceUnderTheDiscriminator(string architecture, int shared)
    {
        using var models = TinyRtd.Models(architecture);

        var parameters = LanguageModelModule.TrainableParametersOf(models);

        Assert.Equal(shared, models.Discriminator.parameters().Intersect(models.Generator.parameters(), ReferenceEqualityComparer.Instance).Count());
        Assert.Distinct(parameters.Select(parameter => parameter.Parameter.Handle));
        Assert.Equal(models.Discriminator.parameters().Count() + models.Generator.parameters().Count() - shared, parameters.Count);
        Assert.StartsWith("discriminator.", parameters.Single(parameter => ReferenceEquals(parameter.Parameter, models.Generator.Backbone.WordEmbeddings)).Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_WithSharedEmbeddings_DecaysThemOnceAndKeepsOneStateOfThem()
    {
        using var models = TinyRtd.Models();
        var words = models.Discriminator.Backbone.WordEmbeddings;
        var before = words.detach().clone();
        using var optimizer = new AdamW(LanguageModelModule.TrainableParametersOf(models), new AdamWSettings(WeightDecay: 0.1, ClipNorm: 0));
        foreach (var parameter in models.parameters())
            parameter.grad = zeros_like(parameter);

        optimizer.Step(0.5).Dispose();

        Assert.True(words.allclose(before.mul(1 - (0.5 * 0.1)), rtol: 1e-5, atol: 1e-7));
        Assert.Same(words, models.Generator.Backbone.WordEmbeddings);
    }

    private static Tensor Row(int[] ids) => tensor(ids).to(ScalarType.Int64).unsqueeze(0);

    private static Dictionary<(long Block, int Place), double> DrawsOf(RtdBatch batch) => batch.Masked.Positions.Zip(batch.Draws)
        .ToDictionary(draw => (batch.Examples[draw.First / 16], draw.First % 16), draw => draw.Second);
}
