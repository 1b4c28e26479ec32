using System.Runtime.InteropServices;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Loop;

public sealed class TroubleTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData(null, int.MaxValue, LearningRateSchedule.Linear, 1)]
    [InlineData(null, 4, LearningRateSchedule.Linear, 1)]
    [InlineData(1.0, null, LearningRateSchedule.Linear, 1)]
    [InlineData(null, 3, LearningRateSchedule.Linear, 0)]
    [InlineData(0.6, null, LearningRateSchedule.Linear, 0)]
    public void Run_WarmupAsLongAsTheRun_IsTold(double? ratio, int? steps, LearningRateSchedule schedule, int expected)
    {
        using var line = new LineFit();
        var recorder = new Recorder();

        TestRun.Loop(line, null, new TestOptions { MaxSteps = 4, WarmupRatio = ratio, WarmupSteps = steps, LearningRateSchedule = schedule, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal(expected, recorder.Events.Count(e => e.Kind == TrainingProgressKind.Warning && e.Message!.Contains("is not reached", StringComparison.Ordinal)));
    }

    [Fact]
    public void Run_StepsNotFinite_AreLeftOutAndCountedUpToTheLimit()
    {
        using var line = new LineFit { Poison = pass => pass is 3 or 5 or 9 };
        var recorder = new Recorder();

        var exception = Assert.Throws<TrainingDivergedException>(
            () => TestRun.Loop(line, null, new TestOptions { Epochs = 10, MaxNonFiniteSteps = 2, LogEveryNSteps = 1, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken));

        Assert.Equal(9, exception.Step);
        Assert.Equal([1, 2, 4, 6, 7, 8], recorder.Logs.Select(e => e.Step));
        Assert.Equal([3, 5], recorder.Events.Where(e => e.Kind == TrainingProgressKind.Warning && e.Message!.Contains("left out", StringComparison.Ordinal)).Select(e => e.Step));
        Assert.All(line.Weights, weight => Assert.True(float.IsFinite(weight)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Run_EvaluationThatIsNoNumber_EndsTheRun(double loss)
    {
        using var line = new LineFit();
        var evaluation = new ScriptedEvaluation([0.5, loss]);

        var exception = Assert.Throws<TrainingDivergedException>(() => TestRun.Loop(line, evaluation, new TestOptions { Epochs = 3 }, TestRun.Defaults).Run(TestContext.Current.CancellationToken));

        Assert.Equal((4, 2), (exception.Step, evaluation.Runs));
        Assert.Contains("expected a finite loss", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_EvaluationWithoutATarget_EndsTheRun()
    {
        using var line = new LineFit();

        var exception = Assert.Throws<InvalidDataException>(() => TestRun.Loop(line, new ScriptedEvaluation([double.NaN], targets: 0), new TestOptions { Epochs = 3 }, TestRun.Defaults).Run(TestContext.Current.CancellationToken));

        Assert.Contains("no target", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_StepNotFinite_ChangesNothing()
    {
        using var poisoned = new LineFit { Poison = pass => pass == 4 };
        var before = Array.Empty<float>();
        var after = before;
        var recorder = new Recorder(e => (before, after) = e.Step == 3 ? (poisoned.Weights, after) : e.Step == 4 ? (before, poisoned.Weights) : (before, after));

        TestRun.Loop(poisoned, null, new TestOptions { Epochs = 2, MaxNonFiniteSteps = 1, LogEveryNSteps = 1, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.NotEmpty(before);
        Assert.Equal(before, after);
    }

    [Fact]
    public void Run_Diverged_NamesTheNewestWholeCheckpoint()
    {
        var passes = 0;
        var run = new MlmRun(_directory.Path)
        {
            Objective = inner => new Poisoned(inner, () => ++passes > 3 * 10), // three micro-batches a step
        };

        var exception = Assert.Throws<TrainingDivergedException>(() => run.Run());

        Assert.Equal(run.Store.PathOf(8), exception.Checkpoint);
        Assert.Contains("step-8", exception.Message, StringComparison.Ordinal);
        Assert.Equal(run.Store.PathOf(8), run.Store.FindNewest());
    }

    [Fact]
    public void Run_OutOfMemory_HalvesTheMicroBatchAndRedoesTheWholeStep()
    {
        var (expected, _) = new MlmRun(_directory.File("two")) { Options = Options(microBatch: 2) }.Run();
        var recorder = new Recorder();
        var hungry = new MlmRun(_directory.File("halved"))
        {
            Options = Options(microBatch: 4),
            Objective = inner => new Scripted(inner, batch => Refuse(batch, most: 2)),
        };

        var (weights, _) = hungry.Reporting(recorder).Run();

        // Step 1 begins with four, is begun again with two, and everything after it has two: the same as two from the beginning.
        Assert.Equal(0, TinyMlm.Distance(expected, weights));
        var warning = Assert.Single(recorder.Events, e => e.Kind == TrainingProgressKind.Warning);
        Assert.Contains("2 examples", warning.Message, StringComparison.Ordinal);

        static TestOptions Options(int microBatch) => new() { MaxSteps = 8, BatchSize = 8, MicroBatchSize = microBatch, LearningRate = 3e-3 };
    }

    [Fact]
    public void Run_OutOfMemoryInALaterStepThenResumed_GoesOnWithTheSmallerMicroBatch()
    {
        var whole = Hungry(_directory.File("whole"), [], runsOutAt: 9).Run();
        var parts = _directory.File("parts");
        Hungry(parts, [], runsOutAt: 9).RunUntil(7);
        var sizes = new List<int>();

        var resumed = Hungry(parts, sizes, runsOutAt: 0).Run();

        Assert.Equal(2, sizes.Max());
        Assert.Equal(0, TinyMlm.Distance(whole.Weights, resumed.Weights));

        // Two passes a step, so that memory runs out once, in the fifth.
        static MlmRun Hungry(string directory, List<int> sizes, int runsOutAt)
        {
            return new MlmRun(directory)
            {
                Options = new() { MaxSteps = 12, BatchSize = 8, MicroBatchSize = 4, LearningRate = 3e-3, SaveEveryNSteps = 4, EvaluateEveryNSteps = 100 },
                Objective = inner => new Scripted(inner, batch =>
                {
                    sizes.Add(batch.Examples.Count);
                    if (sizes.Count == runsOutAt)
                        throw new ExternalException("CUDA out of memory. Tried to allocate 20.00 MiB");
                }),
            };
        }
    }

    [Fact]
    public void Run_CanceledByItsTokenDuringALongEvaluation_StopsIt()
    {
        using var line = new LineFit();
        using var host = new CancellationTokenSource();
        var evaluation = new HeldOutEvaluation(new Endless(line, () => host.CancelAfter(50)), 1);

        Assert.Throws<OperationCanceledException>(() => TestRun.Loop(line, evaluation, new TestOptions(), TestRun.Defaults).Run(host.Token));
    }

    [Fact]
    public void Run_OutOfMemoryWithOneExample_SaysItInWords()
    {
        using var line = new LineFit();

        var exception = Assert.Throws<InsufficientMemoryException>(() => TestRun.Loop(new Scripted(line, batch => Refuse(batch, most: 0)), null, new TestOptions(), TestRun.Defaults).Run(TestContext.Current.CancellationToken));

        Assert.IsType<ExternalException>(exception.InnerException);
        Assert.Contains("CUDA out of memory. Tried to allocate 20.00 MiB. Take a smaller model", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_RateFarOff_WarnsOnceBeforeTheFirstStep()
    {
        using var line = new LineFit();
        var recorder = new Recorder();

        TestRun.Loop(line, null, new TestOptions { LearningRate = 1, LogEveryNSteps = 1, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal(0, Assert.Single(recorder.Events, e => e.Kind == TrainingProgressKind.Warning).Step);
    }

    [Theory]
    [InlineData(1e-6, 1)]
    [InlineData(5e-3, 0)]
    public void Run_LossThatNeverMoves_WarnsOnce(double rate, int expected)
    {
        using var line = new LineFit();
        var recorder = new Recorder();

        TestRun.Loop(
            line, null, new TestOptions { MaxSteps = 400, LearningRate = rate, LearningRateSchedule = LearningRateSchedule.Constant, Progress = recorder }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Equal(expected, recorder.Events.Count(e => e.Kind == TrainingProgressKind.Warning && e.Message!.Contains("has not moved", StringComparison.Ordinal)));
    }

    public void Dispose() => _directory.Dispose();

    private static void Refuse(TrainingBatch batch, int most)
    {
        if (batch.Examples.Count > most)
            throw new ExternalException("CUDA out of memory. Tried to allocate 20.00 MiB");
    }

    private sealed class Endless(Objective inner, Action begun) : Wrapped(inner)
    {
        public override IEnumerable<long> EvaluationOrder
        {
            get
            {
                begun();
                while (true)
                    yield return 0;
            }
        }
    }

    private sealed class Poisoned(Objective inner, Func<bool> poison) : Wrapped(inner)
    {
        public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
        {
            var terms = base.ComputeLosses(batch, dropoutSeed);
            return poison() ? [.. terms.Select(term => term with { Sum = term.Sum.mul(float.NaN) })] : terms;
        }
    }
}
