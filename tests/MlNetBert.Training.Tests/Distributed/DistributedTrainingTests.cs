using System.Runtime.InteropServices;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Distributed;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Distributed;

/// <summary>Runs of several ranks, each on a thread of its own.</summary>
public sealed class DistributedTrainingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_SeveralRanksWithoutDropout_GiveTheLossesAndWeightsOfOne(int ranks)
    {
        var options = new TestOptions { Epochs = 3, BatchSize = 8, LogEveryNSteps = 1, EvaluateEveryNSteps = 4, RestoreBestWeights = true };

        var (weights, result) = Train(SingleProcess.Instance, options);
        var outcomes = ThreadCollective.Run(ranks, c => Train(c, options));

        foreach (var (rank, exception) in outcomes)
        {
            Assert.Null(exception);
            Assert.Equal(result.History.Select(row => row.Step), rank.Result.History.Select(row => row.Step));
            Assert.All(result.History.Zip(rank.Result.History), pair =>
            {
                Assert.Equal(pair.First.TrainingLoss ?? 0, pair.Second.TrainingLoss ?? 0, 1e-4);
                Assert.Equal(pair.First.EvaluationLoss ?? 0, pair.Second.EvaluationLoss ?? 0, 1e-4);
                Assert.Equal(pair.First.EvaluationAccuracy, pair.Second.EvaluationAccuracy);
            });
            Assert.Equal((result.StepCount, result.TokenCount), (rank.Result.StepCount, rank.Result.TokenCount));
            Assert.InRange(TinyMlm.Distance(weights, rank.Weights), 0, 1e-4);
            Assert.Equal(0, TinyMlm.Distance(outcomes[0].Result.Weights, rank.Weights));
        }
    }

    [Fact]
    public void Run_SeveralRanks_ShareTheExamplesOfEachStep()
    {
        var lines = new LineFit[3];

        ThreadCollective.Run(3, c => Fit(c, lines[c.Rank] = new LineFit(10), new TestOptions { Epochs = 1, BatchSize = 4 }));

        foreach (var step in Enumerable.Range(0, 3))
        {
            var own = lines.Select(line => line.Prepared.Where(p => p.At.Step == step && p.At.TotalSteps == 3).SelectMany(p => p.Examples).ToList()).ToList();
            Assert.Equal(new BatchPlan(10, 4, TestRun.Defaults.Seed).ExamplesOf(step), own.SelectMany(examples => examples));
        }
    }

    [Fact]
    public void Run_AStep_TakesOneSmallAllReduceBesideTheGradients()
    {
        int Count(int steps) => ThreadCollective.Run(2, c =>
        {
            using var line = new LineFit();
            TestRun.Loop(line, null, new TestOptions { MaxSteps = steps, LogEveryNSteps = 100, EvaluateEveryNSteps = 100, SaveEveryNSteps = 100 }, collective: c).Run(TestContext.Current.CancellationToken);
            return c.AllReduces;
        })[0].Result;

        // A line has two parameters.
        Assert.Equal(10 * (1 + 2), Count(20) - Count(10));
    }

    [Theory]
    [InlineData(CancellationBehavior.ReturnPartialModel)]
    [InlineData(CancellationBehavior.Throw)]
    public void Run_OneRankIsCanceled_EndsAllAfterTheSameStep(CancellationBehavior behavior)
    {
        var outcomes = ThreadCollective.Run(3, c =>
        {
            using var source = new CancellationTokenSource();
            using var line = new LineFit();
            var passes = 0;
            var objective = new Scripted(line, () =>
            {
                if (c.Rank == 2 && ++passes == 4)
                    source.Cancel();
            });
            return TestRun.Loop(objective, null, new TestOptions { Epochs = 100, CancellationBehavior = behavior }, collective: c).Run(source.Token).StepCount;
        });

        if (behavior == CancellationBehavior.Throw)
            Assert.All(outcomes, outcome => Assert.Contains("after step 4", Assert.IsType<OperationCanceledException>(outcome.Exception).Message, StringComparison.Ordinal));
        else
            Assert.All(outcomes, outcome => Assert.Equal(4, outcome.Result));
    }

    [Fact]
    public void Run_OneRankIsCanceledDuringAnEvaluation_EndsAll()
    {
        var outcomes = ThreadCollective.Run(2, c =>
        {
            using var source = new CancellationTokenSource();
            using var line = new LineFit();
            var evaluation = new ScriptedEvaluation([3, 2, 1], at: _ =>
            {
                if (c.Rank == 0)
                    source.Cancel();
            });
            return TestRun.Loop(line, evaluation, new TestOptions { CancellationBehavior = CancellationBehavior.ReturnPartialModel }, collective: c).Run(source.Token);
        });

        Assert.All(outcomes, outcome => Assert.Equal((TrainingOutcome.Canceled, outcomes[0].Result!.StepCount), (outcome.Result!.Outcome, outcome.Result.StepCount)));
    }

    [Fact]
    public void Run_ClocksThatDiffer_EndTogetherByTheFirstRanks()
    {
        var outcomes = ThreadCollective.Run(2, c =>
        {
            var time = new ManualTime();
            using var line = new LineFit();
            var slow = new Scripted(line, () => time.Advance(TimeSpan.FromSeconds(c.Rank == 0 ? 5 : 17)));
            return TestRun.Loop(slow, null, new TestOptions { TimeBudget = TimeSpan.FromSeconds(50) }, time: time, collective: c).Run(TestContext.Current.CancellationToken).StepCount;
        });

        Assert.All(outcomes, outcome => Assert.Equal(10, outcome.Result));
    }

    [Fact]
    public void Run_OneRankRunsOutOfMemory_CutsTheStepsOfAll()
    {
        var sizes = new List<int>[] { [], [] };
        var outcomes = ThreadCollective.Run(2, c =>
        {
            using var line = new LineFit();
            var hungry = new Scripted(line, batch =>
            {
                sizes[c.Rank].Add(batch.Examples.Count);
                if (c.Rank == 1 && batch.Examples.Count > 2)
                    throw new ExternalException("CUDA out of memory. Tried to allocate 20.00 MiB");
            });
            return TestRun.Loop(hungry, null, new TestOptions { MaxSteps = 3, BatchSize = 8 }, collective: c).Run(TestContext.Current.CancellationToken).StepCount;
        });

        Assert.All(outcomes, outcome => Assert.Equal(3, outcome.Result));
        Assert.Equal([4, 2, 2, 2, 2], sizes[0]);
        Assert.Equal([4, 2, 2, 2, 2, 2, 2], sizes[1]);
    }

    [Fact]
    public void Run_OneRankFails_EndsAll()
    {
        var outcomes = ThreadCollective.Run(3, c =>
        {
            using var line = new LineFit();
            var passes = 0;
            var objective = new Scripted(line, () =>
            {
                if (c.Rank == 1 && ++passes == 3)
                    throw new InvalidDataException("no such row");
            });
            return TestRun.Loop(objective, null, new TestOptions(), collective: c).Run(TestContext.Current.CancellationToken);
        });

        Assert.IsType<InvalidDataException>(outcomes[1].Exception);
        Assert.All([outcomes[0], outcomes[2]], outcome => Assert.Contains("Rank 1 of 3 failed", Assert.IsType<CollectiveException>(outcome.Exception).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_OtherOptionsOnARank_AreRefusedByAll()
    {
        var outcomes = ThreadCollective.Run(2, c => Fit(c, new LineFit(), new TestOptions { WeightDecay = c.Rank * 0.1 }));

        Assert.All(outcomes, outcome => Assert.Contains("rank 1 has another", Assert.IsType<InvalidOperationException>(outcome.Exception).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_SeveralRanks_TheFirstAloneReportsProbesAndSaves()
    {
        var probes = new int[2];
        var recorders = new[] { new Recorder(), new Recorder() };

        var outcomes = ThreadCollective.Run(2, c =>
        {
            using var line = new LineFit();
            var checkpoints = new TrainingCheckpoints(new CheckpointStore(_directory.Path), new LineState(line));
            var probe = new Probe(() => probes[c.Rank]++);
            var options = new TestOptions { Epochs = 2, LogEveryNSteps = 1, Progress = recorders[c.Rank] };
            return TestRun.Loop(line, null, options, checkpoints: checkpoints, probes: new TrainingProbes([probe], null), collective: c).Run(TestContext.Current.CancellationToken);
        });

        Assert.All(outcomes, outcome => Assert.Null(outcome.Exception));
        Assert.Equal([3, 0], probes);
        Assert.Empty(recorders[1].Events);
        Assert.Equal([4, 8], recorders[0].Events.Where(e => e.Kind == TrainingProgressKind.Checkpoint).Select(e => e.Step));
        Assert.Equal([0.75, 0.75, 0.75], outcomes[1].Result!.History.Where(row => row.Probe is not null).Select(row => row.ProbeAccuracy!.Value));
    }

    [Fact]
    public void Run_StoppedAndResumedOnSeveralRanks_GivesTheWeightsOfARunThatWasNot()
    {
        var options = new TestOptions { MaxSteps = 8, SaveEveryNSteps = 4, RestoreBestWeights = true, EvaluateEveryNSteps = 2, BatchSize = 8 };
        using var whole = new TemporaryDirectory();
        var expected = ThreadCollective.Run(2, c => Train(c, options, whole.Path));
        ThreadCollective.Run(2, c => Train(c, options with { EvaluateEveryNSteps = 2 }, _directory.Path, stopAt: 5));

        // The other rank has nothing of its own: it begins with other weights, and without a checkpoint directory.
        var resumed = ThreadCollective.Run(2, c => Train(c, options, c.Rank == 0 ? _directory.Path : null, seed: 3 + c.Rank));

        Assert.All(resumed, outcome => Assert.Null(outcome.Exception));
        Assert.All(expected.Concat(resumed), outcome => Assert.Equal(0, TinyMlm.Distance(expected[0].Result.Weights, outcome.Result.Weights)));
    }

    [Fact]
    public void Run_OneRankCannotWriteItsCheckpoints_EndsAll()
    {
        File.WriteAllText(_directory.File("taken"), "");

        var outcomes = ThreadCollective.Run(2, c => Train(c, new TestOptions { MaxSteps = 2 }, _directory.File("taken")));

        Assert.IsType<CheckpointException>(outcomes[0].Exception);
        Assert.IsType<CollectiveException>(outcomes[1].Exception);
    }

    [Fact]
    public void Run_WithDropoutInMicroBatches_HasTheMasksOfTheSamePlaces()
    {
        var seeds = new[] { new List<(long, long)>(), [], [] };
        void Collect(ICollective collective, List<(long, long)> into, int? microBatchSize)
        {
            using var line = new LineFit();
            TestRun.Loop(new Seeds(line, into), null, new TestOptions { MaxSteps = 1, BatchSize = 8, MicroBatchSize = microBatchSize }, collective: collective).Run(TestContext.Current.CancellationToken);
        }

        Collect(SingleProcess.Instance, seeds[0], 2);
        ThreadCollective.Run(2, c =>
        {
            Collect(c, seeds[1 + c.Rank], 2);
            return 0;
        });

        Assert.Equal(seeds[0], seeds[1].Concat(seeds[2]));
        Assert.Equal(4, seeds[0].Select(pair => pair.Item2).Distinct().Count());
    }

    public void Dispose() => _directory.Dispose();

    private static TrainingResult Fit(ICollective collective, LineFit line, TestOptions options)
    {
        using (line)
            return TestRun.Loop(line, null, options, collective: collective).Run(TestContext.Current.CancellationToken);
    }

    private static (Dictionary<string, float[]> Weights, TrainingResult Result) Train(ICollective collective, TestOptions options, string? directory = null, long? stopAt = null, int seed = 3)
    {
        using var stop = new CancellationTokenSource();
        using var model = TinyMlm.Model(seed: seed);
        var checkpoints = directory is null ? null : new TrainingCheckpoints(new CheckpointStore(directory), new PretrainedModelState(model, TinyMlm.Tokenizer()));
        var stopping = options with
        {
            LogEveryNSteps = 1,
            Progress = new Recorder(e =>
            {
                if (e.Kind == TrainingProgressKind.Log && e.Step == stopAt)
                    stop.Cancel();
            }),
        };
        var loop = TestRun.Loop(
            new MlmObjective(model, TinyMlm.Blocks(20, padded: 7), TinyMlm.Masking()), TinyMlm.Evaluation(model, TinyMlm.Blocks(5), 2), stopping, TestRun.Defaults with { LearningRate = 1e-3 }, checkpoints: checkpoints, collective: collective);
        var result = loop.Run(stop.Token);
        return (TinyMlm.Weights(model), result);
    }

    private sealed class Probe(Action measured) : ITrainingProbe
    {
        public string Name => "probe";

        public double Measure(CancellationToken cancellationToken)
        {
            measured();
            return 0.75;
        }
    }

    private sealed class Seeds(Objective inner, List<(long First, long Seed)> seeds) : Wrapped(inner)
    {
        public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
        {
            seeds.Add((batch.Examples[0], dropoutSeed));
            return base.ComputeLosses(batch, dropoutSeed);
        }
    }
}
