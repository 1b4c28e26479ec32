using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Loop;

public class MlmTrainingTests
{
    [Fact]
    public void Run_SameSeedOnOneThread_GivesTheSameBits()
    {
        var first = Train(new TestOptions { Epochs = 2, Threads = 1 }, dropout: 0.2);

        Assert.Equal(0, TinyMlm.Distance(first.Weights, Train(new TestOptions { Epochs = 2, Threads = 1 }, dropout: 0.2).Weights));
        Assert.NotEqual(0, TinyMlm.Distance(first.Weights, Train(new TestOptions { Epochs = 2, Threads = 1, Seed = 8 }, dropout: 0.2).Weights));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_MicroBatches_GiveTheWeightsOfOneBatch(int microBatchSize)
    {
        var whole = Train(new TestOptions { Epochs = 2, BatchSize = 8, LogEveryNSteps = 1 });
        var parts = Train(new TestOptions { Epochs = 2, BatchSize = 8, LogEveryNSteps = 1, MicroBatchSize = microBatchSize });

        Assert.InRange(TinyMlm.Distance(whole.Weights, parts.Weights), 0, 1e-5);
        Assert.All(whole.Result.History.Zip(parts.Result.History), pair => Assert.Equal(pair.First.TrainingLoss!.Value, pair.Second.TrainingLoss!.Value, 1e-5));
    }

    [Fact]
    public void Run_FirstStep_ReportsTheMeanOverAllMaskedTokensOfTheStep()
    {
        using var model = TinyMlm.Model();
        var blocks = TinyMlm.Blocks(8, padded: 10);
        var objective = new MlmObjective(model, blocks, TinyMlm.Masking());
        var plan = new BatchPlan(8, 8, TestRun.Defaults.Seed);
        double expected;
        using (var scope = NewDisposeScope())
        {
            var batch = objective.Prepare(plan.ExamplesOf(0), default);
            expected = TinyMlm.Loss(objective, batch) / batch.TargetCounts[0];
        }

        var result = TestRun.Loop(objective, null, new TestOptions { MaxSteps = 1, BatchSize = 8, MicroBatchSize = 3 }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal(expected, result.History[0].TrainingLoss!.Value, 1e-5);
    }

    [Fact]
    public void Run_OneBatchAgainAndAgain_LearnsItByHeart()
    {
        using var model = TinyMlm.Model(hidden: 64, layers: 2);
        var masking = new TokenMasking(TinyMlm.Tokenizer(), 1);
        var options = new TestOptions { MaxSteps = 150, LearningRate = 5e-3, WeightDecay = 0, LogEveryNSteps = 10, Precision = Precision.Float32 };

        var result = TestRun.Loop(new OneEpoch(new MlmObjective(model, TinyMlm.Blocks(4), masking)), null, options, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.True(result.History[0].TrainingLoss > 3);
        Assert.InRange(result.History[^1].TrainingLoss!.Value, 0, 0.05);
    }

    [Fact]
    public void Run_WithEvaluations_LeavesNoTensor()
    {
        Train(new TestOptions { Epochs = 2, RestoreBestWeights = true }, dropout: 0.1, evaluate: true);
        var before = LiveTensors.CountSettled();
        Train(new TestOptions { Epochs = 2, RestoreBestWeights = true }, dropout: 0.1, evaluate: true);

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Run_ThreadsForTheRun_ArePutBack()
    {
        var before = get_num_threads();
        using (new ThreadCount(1))
            Assert.Equal(1, get_num_threads());

        Assert.Equal(before, get_num_threads());
    }

    private static (Dictionary<string, float[]> Weights, TrainingResult Result) Train(TestOptions options, double dropout = 0, bool evaluate = false)
    {
        using var threads = new ThreadCount(options.Threads);
        using var model = TinyMlm.Model(dropout: dropout);
        var blocks = TinyMlm.Blocks(20, padded: 7);
        var evaluation = evaluate ? TinyMlm.Evaluation(model, TinyMlm.Blocks(5), 2) : null;
        // Small steps: the first ones of Adam are as long as the rate whatever the gradient, and would make much of a last bit.
        var result = TestRun.Loop(new MlmObjective(model, blocks, TinyMlm.Masking()), evaluation, options, TestRun.Defaults with { LearningRate = 1e-3 }).Run(TestContext.Current.CancellationToken);
        return (TinyMlm.Weights(model), result);
    }

    [Fact]
    public void Run_ModelWithinAnotherModule_TrainsItsLayersAsByItself()
    {
        var weights = new[] { false, true }.Select(isWithin =>
        {
            using var model = TinyMlm.Model();
            using var holder = new Holder(model);
            model.ActivationCheckpointing = true; // libtorch has no graph of the layers then
            var objective = new MlmObjective(model, TinyMlm.Blocks(20), TinyMlm.Masking());
            TestRun.Loop(isWithin ? new Within(objective, holder) : objective, null, new TestOptions { MaxSteps = 3 }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);
            return TinyMlm.Weights(model);
        }).ToList();

        Assert.Equal(0, TinyMlm.Distance(weights[0], weights[1]));
    }

    /// <summary>The same masks in every epoch.</summary>
    private sealed class OneEpoch(Objective inner) : Wrapped(inner)
    {
        public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) => base.Prepare(examples, at with { Epoch = 0 });
    }

    private sealed class Within(Objective inner, nn.Module holder) : Wrapped(inner)
    {
        public override nn.Module Model => holder;
    }

    private sealed class Holder : nn.Module
    {
        public Holder(MaskedLanguageModel model)
            : base(nameof(Holder)) => register_module("inner", model);
    }
}
