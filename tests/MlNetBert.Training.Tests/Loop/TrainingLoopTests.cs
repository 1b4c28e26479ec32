using MlNetBert.Tests.Common;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Loop;

public class TrainingLoopTests
{
    [Fact]
    public void Run_LinearRegression_FindsTheLine()
    {
        using var line = new LineFit();
        var recorder = new Recorder();

        var result = TestRun.Loop(
            line, null, new TestOptions { Epochs = 150, WeightDecay = 0, ClipNorm = 0, LogEveryNSteps = 100, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal(TrainingOutcome.Completed, result.Outcome);
        Assert.Equal(600, result.StepCount);
        Assert.Equal(150 * 16 * 10, result.TokenCount);
        Assert.Equal(2, line.Weights[0], 0.01);
        Assert.Equal(-1, line.Weights[1], 0.01);
        Assert.Equal(0.5, line.Weights[2], 0.01);
        Assert.Equal([1, 100, 200, 300, 400, 500, 600], recorder.Logs.Select(e => e.Step));
        Assert.Equal(recorder.Logs.Select(e => e.Loss), result.History.Select(r => r.TrainingLoss));
        Assert.All(recorder.Logs, e => Assert.Equal(600, e.TotalSteps));
        Assert.Equal(150, recorder.Events[^1].Epoch);
        Assert.Equal(TimeSpan.Zero, recorder.Events[^1].Remaining);
    }

    [Fact]
    public void Run_Epochs_PrepareEveryExampleOnceWithItsEpoch()
    {
        using var line = new LineFit(examples: 10);

        TestRun.Loop(line, null, new TestOptions { Epochs = 3, BatchSize = 4, MicroBatchSize = 3 }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        for (var epoch = 0; epoch < 3; epoch++)
            Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), line.Prepared.Where(p => p.At.Epoch == epoch).SelectMany(p => p.Examples).Order());
    }

    [Fact]
    public void Run_MicroBatches_GiveTheWeightsAndLossesOfWholeBatches()
    {
        var (whole, wholeLosses) = Fit(microBatchSize: null);
        var (parts, partLosses) = Fit(microBatchSize: 3);

        Assert.All(whole.Zip(parts), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(wholeLosses.Zip(partLosses), pair => Assert.Equal(pair.First, pair.Second, 1e-5));

        static (float[] Weights, double[] Losses) Fit(int? microBatchSize)
        {
            using var line = new LineFit();
            var recorder = new Recorder();
            TestRun.Loop(line, null, new TestOptions { Epochs = 5, BatchSize = 8, MicroBatchSize = microBatchSize, LogEveryNSteps = 1, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);
            return (line.Weights, [.. recorder.Logs.Select(e => e.Loss!.Value)]);
        }
    }

    [Fact]
    public void Run_StepWithoutATarget_TeachesNothing()
    {
        // The third of five steps has no target: weights, moments and the count of updates must be as if it had not been.
        using var all = new LineFit();
        using var without = new LineFit { TargetsOf = (epoch, _) => epoch == 2 ? 0 : 16 };
        var trained = new List<float[]>();
        foreach (var line in (LineFit[])[all, without])
        {
            var recorder = new Recorder(e =>
            {
                if (e.Kind == TrainingProgressKind.Log)
                    trained.Add(line.Weights);
            });
            var options = new TestOptions { Epochs = 5, BatchSize = 16, LogEveryNSteps = 1, LearningRateSchedule = LearningRateSchedule.Constant, WeightDecay = 0.5, Progress = recorder };

            TestRun.Loop(line, null, options, TestRun.Defaults).Run(TestContext.Current.CancellationToken);
        }

        // All examples are in every batch, in another order: a step is the same whenever it comes, and of five one is missing.
        Assert.Equal(9, trained.Count);
        Assert.All(trained[..4].Zip(trained[5..]), pair => Assert.All(pair.First.Zip(pair.Second), w => Assert.Equal(w.First, w.Second, 1e-5)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    public void Run_StepsAhead_GiveTheSameWeightsAndEvents(int stepsAhead)
    {
        var (weights, losses) = Fit(0);
        var (weightsAhead, lossesAhead) = Fit(stepsAhead);

        Assert.Equal(weights, weightsAhead);
        Assert.Equal(losses, lossesAhead);

        static (float[] Weights, (long, double?)[] Losses) Fit(int stepsAhead)
        {
            using var line = new LineFit { Poison = pass => pass == 6 };
            var recorder = new Recorder();
            TestRun.Loop(line, null, new TestOptions { Epochs = 5, LogEveryNSteps = 7, EvaluateEveryNSteps = 100, MaxNonFiniteSteps = 1, Progress = recorder }, TestRun.Defaults, stepsAhead: stepsAhead).Run(TestContext.Current.CancellationToken);
            return (line.Weights, [.. recorder.Logs.Select(e => (e.Step, e.Loss))]);
        }
    }

    [Fact]
    public void Run_StepsAheadAndLossNotANumber_NamesTheStepAndFreesWhatIsPending()
    {
        using var line = new LineFit { Poison = pass => pass >= 6 };
        var before = LiveTensors.CountSettled();

        var exception = Assert.Throws<TrainingDivergedException>(
            () => TestRun.Loop(line, null, new TestOptions { Epochs = 5, LogEveryNSteps = 100 }, TestRun.Defaults, stepsAhead: 1).Run(TestContext.Current.CancellationToken));

        Assert.Equal(6, exception.Step);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Run_LossNotANumber_ThrowsWithStepAndLastGoodLoss()
    {
        using var line = new LineFit { Poison = pass => pass == 4 };
        var recorder = new Recorder();

        var exception = Assert.Throws<TrainingDivergedException>(
            () => TestRun.Loop(line, null, new TestOptions { LogEveryNSteps = 1, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken));

        Assert.Equal(4, exception.Step);
        Assert.Equal(recorder.Logs.Last().Loss, exception.LastGoodLoss);
        Assert.Equal(3, recorder.Logs.Last().Step);
        Assert.Equal(4, exception.Examples.Count);
        Assert.Contains("step 4", exception.Message, StringComparison.Ordinal);
        Assert.All(line.Weights, weight => Assert.True(float.IsFinite(weight)));
    }

    [Fact]
    public void Run_Cancelled_ThrowsBeforeTheNextStep()
    {
        using var line = new LineFit();
        using var source = new CancellationTokenSource();
        var recorder = new Recorder(e => CancelAt(source, e, 3));

        Assert.Throws<OperationCanceledException>(
            () => TestRun.Loop(line, null, new TestOptions { LogEveryNSteps = 1, Progress = recorder, CancellationToken = source.Token }, TestRun.Defaults).Run(TestContext.Current.CancellationToken));

        Assert.Equal(3, recorder.Logs.Last().Step);
    }

    [Fact]
    public void Run_CancelledToReturn_ReturnsWhatIsTrained()
    {
        using var line = new LineFit();
        using var source = new CancellationTokenSource();
        var recorder = new Recorder(e => CancelAt(source, e, 2));

        var result = TestRun.Loop(line, null, new TestOptions { LogEveryNSteps = 1, CancellationBehavior = CancellationBehavior.ReturnPartialModel, Progress = recorder }).Run(source.Token);

        Assert.Equal(TrainingOutcome.Canceled, result.Outcome);
        Assert.Equal(2, result.StepCount);
    }

    [Fact]
    public void Run_CancelledDuringAnEvaluationToReturn_ReturnsWhatIsTrained()
    {
        using var line = new LineFit();
        using var source = new CancellationTokenSource();
        var evaluation = new ScriptedEvaluation([3, 2, 1], at: run =>
        {
            if (run == 1)
                source.Cancel();
        });

        var result = TestRun.Loop(line, evaluation, new TestOptions { CancellationToken = source.Token, CancellationBehavior = CancellationBehavior.ReturnPartialModel }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal(TrainingOutcome.Canceled, result.Outcome);
        Assert.Equal(4, result.StepCount);
    }

    [Fact]
    public void Run_WithoutProgressAndPatience_StopsEarly()
    {
        using var line = new LineFit();
        var evaluation = new ScriptedEvaluation([9, 4, 3, 3.5, 3.2, 1]);

        var result = TestRun.Loop(line, evaluation, new TestOptions { Epochs = 10, Patience = 2 }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal(TrainingOutcome.StoppedEarly, result.Outcome);
        Assert.Equal(16, result.StepCount);
        Assert.Equal(3.2, result.Evaluation!.Loss);
    }

    [Fact]
    public void Run_KeepBest_ReturnsTheStateOfTheBestEvaluation()
    {
        using var line = new LineFit();
        var states = new List<float[]>();
        var evaluation = new ScriptedEvaluation([9, 4, 3, 3.5, 3.2], at: _ => states.Add(line.Weights));

        var result = TestRun.Loop(line, evaluation, new TestOptions { Epochs = 4, RestoreBestWeights = true }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal(5, evaluation.Runs);
        Assert.Equal(3, result.Evaluation!.Loss);
        Assert.Equal(states[2], line.Weights);
        Assert.NotEqual(states[4], line.Weights);
    }

    [Fact]
    public void Run_MaxSteps_EndsWithThemAndEvaluates()
    {
        using var line = new LineFit();
        var recorder = new Recorder();
        var evaluation = new ScriptedEvaluation([1]);

        TestRun.Loop(line, evaluation, new TestOptions { MaxSteps = 7, EvaluateEveryNSteps = 3, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal([3, 6, 7], recorder.Events.Where(e => e.Kind == TrainingProgressKind.Evaluation).Select(e => e.Step));
        Assert.Equal([1, 7], recorder.Logs.Select(e => e.Step));
    }

    [Fact]
    public void Run_MaxTime_EndsWithItAndLowersTheRate()
    {
        using var line = new LineFit();
        var recorder = new Recorder();

        var result = TestRun.Loop(
            line, null, new TestOptions { TimeBudget = TimeSpan.FromMilliseconds(300), LogEveryNSteps = 1, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.True(result.Elapsed >= TimeSpan.FromMilliseconds(300));
        Assert.All(recorder.Logs, e => Assert.Null(e.TotalSteps));
        var rates = recorder.Logs.Select(e => e.LearningRate!.Value).ToList();
        Assert.Equal(rates.OrderDescending(), rates);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_CompletedOrDiverged_LeavesNoTensor(bool diverge)
    {
        // Made once: TorchSharp counts a tensor that became a parameter twice.
        using var line = new LineFit();
        Once();
        var before = LiveTensors.CountSettled();
        Once();

        Assert.Equal(before, Tensor.TotalCount);

        void Once()
        {
            var passes = 0;
            line.Poison = _ => diverge && ++passes == 6;
            var run = TestRun.Loop(line, new ScriptedEvaluation([3, 2, 1]), new TestOptions { RestoreBestWeights = true }, TestRun.Defaults);
            if (diverge)
                Assert.Throws<TrainingDivergedException>(() => run.Run(TestContext.Current.CancellationToken));
            else
                run.Run(TestContext.Current.CancellationToken);
            line.Model.zero_grad();
        }
    }

    [Fact]
    public void Validate_ImpossibleOptions_ListsThemAll()
    {
        var options = new TestOptions
        {
            Epochs = 0,
            BatchSize = 0,
            LearningRate = double.NaN,
            ClipNorm = -1,
            Beta1 = 1,
            TimeBudget = TimeSpan.FromSeconds(1),
            WarmupSteps = 100,
            LogEveryNSteps = 0,
            Patience = 0,
            CancellationBehavior = (CancellationBehavior)9,
        };

        var exception = Assert.Throws<InvalidOptionsException>(options.Check);

        string[] names = ["Epochs", "BatchSize", "LearningRate", "ClipNorm", "Beta1", "WarmupSteps", "LogEveryNSteps", "Patience", "CancellationBehavior"];
        Assert.Equal(names.Order(), exception.Errors.Select(f => f.Split(' ')[0]).Order());
    }

    [Theory]
    [InlineData(1.5, null, LearningRateSchedule.Linear, "WarmupRatio must be from 0 to 1")]
    [InlineData(null, -1, LearningRateSchedule.Linear, "WarmupSteps must be 0 or more")]
    [InlineData(0.1, 10, LearningRateSchedule.Linear, "WarmupSteps must be left out where WarmupRatio is given")]
    [InlineData(0.1, null, LearningRateSchedule.Triangular, "WarmupRatio must be left out with the Triangular schedule")]
    [InlineData(null, 10, LearningRateSchedule.Triangular, "WarmupSteps must be left out with the Triangular schedule")]
    public void Validate_WarmupThatCannotBe_SaysWhy(double? ratio, int? steps, LearningRateSchedule schedule, string expected)
    {
        var options = new TestOptions { WarmupRatio = ratio, WarmupSteps = steps, LearningRateSchedule = schedule };

        Assert.StartsWith(expected, Assert.Single(Assert.Throws<InvalidOptionsException>(options.Check).Errors), StringComparison.Ordinal);
    }

    private static void CancelAt(CancellationTokenSource source, TrainingProgress progress, long step)
    {
        if (progress.Step == step)
            source.Cancel();
    }
}
