using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Loop;

public sealed class TimeBudgetTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Run_MaxTime_LearningRateFollowsTheClockToZero()
    {
        using var line = new LineFit();
        var time = new ManualTime();
        var recorder = new Recorder();
        var options = new TestOptions { TimeBudget = TimeSpan.FromSeconds(100), LogEveryNSteps = 1, Progress = recorder, LearningRate = 1, WarmupRatio = 0.1, ClipNorm = 1 };

        var result = TestRun.Loop(Slow(line, time, 5), null, options, TestRun.Defaults, time: time).Run(TestContext.Current.CancellationToken);

        Assert.Equal(20, result.StepCount);
        Assert.Equal(TimeSpan.FromSeconds(100), result.Elapsed);
        Assert.Equal(TrainingOutcome.Completed, result.Outcome);
        double[] expected = [0, 0.5, 1, .. Enumerable.Range(3, 17).Select(step => 1 - (((5 * step) - 10) / 90.0))];
        Assert.All(expected.Zip(recorder.Logs), pair => Assert.Equal(pair.First, pair.Second.LearningRate!.Value, 1e-12));
        Assert.Equal(2, recorder.Logs.Last().TokensPerSecond!.Value / 4, 1e-9); // 4 examples of 10 tokens in 5 seconds
        Assert.Equal([.. Enumerable.Range(1, 20).Select(step => TimeSpan.FromSeconds(100 - (5 * step)))], recorder.Logs.Select(e => e.Remaining!.Value));
    }

    [Fact]
    public void Run_StepsAhead_ShareTheTimeThatTheyTookTogether()
    {
        using var line = new LineFit();
        var time = new ManualTime();
        var recorder = new Recorder();
        var options = new TestOptions { MaxSteps = 20, LogEveryNSteps = 10, EvaluateEveryNSteps = 100, Progress = recorder };

        TestRun.Loop(Slow(line, time, 5), null, options, TestRun.Defaults, time: time, stepsAhead: 63).Run(TestContext.Current.CancellationToken);

        Assert.Equal([1, 10, 20], recorder.Logs.Select(e => e.Step));
        Assert.All(recorder.Logs, e => Assert.Equal(4 * 10 / 5.0, e.TokensPerSecond!.Value, 1e-9)); // 4 examples of 10 tokens in 5 seconds
        Assert.Equal([95, 50, 0], recorder.Logs.Select(e => e.Remaining!.Value.TotalSeconds));
    }

    [Fact]
    public void Run_TimeRunsOutBetweenEvents_ClosesWithThem()
    {
        using var line = new LineFit();
        var time = new ManualTime();
        var recorder = new Recorder();
        var options = new TestOptions { TimeBudget = TimeSpan.FromSeconds(33), LogEveryNSteps = 4, EvaluateEveryNSteps = 5, Progress = recorder };

        var result = TestRun.Loop(Slow(line, time, 5), new ScriptedEvaluation([1]), options, TestRun.Defaults, time: time).Run(TestContext.Current.CancellationToken);

        Assert.Equal(7, result.StepCount);
        Assert.Equal([1, 4, 7], recorder.Logs.Select(e => e.Step));
        Assert.Equal([5, 7], recorder.Events.Where(e => e.Kind == TrainingProgressKind.Evaluation).Select(e => e.Step));
    }

    [Fact]
    public void Run_Resumed_GoesOnWithWhatIsLeftOfTheBudget()
    {
        var (first, second) = (new ManualTime(), new ManualTime());
        second.Advance(TimeSpan.FromHours(9)); // the machine was off: that does not count
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run(first, new Recorder(e => CancelAt(source, e, 4)), source));
        var recorder = new Recorder();

        var result = Run(second, recorder);

        Assert.Equal(10, result.StepCount);
        Assert.Equal(TimeSpan.FromSeconds(50), result.Elapsed);
        Assert.Equal(TimeSpan.FromSeconds(20), recorder.Events[0].Elapsed);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public void Run_ResumedWhenTheTimeIsUp_EndsAtOnceWithAnyThreads(string threads)
    {
        Run(new ManualTime(), new Recorder());
        var recorder = new Recorder();

        Assert.Equal(10, Run(new ManualTime(), recorder, threads: threads).StepCount);
        Assert.Equal([TrainingProgressKind.Resumed], recorder.Events.Select(e => e.Kind));
    }

    public void Dispose() => _directory.Dispose();

    private static Scripted Slow(LineFit line, ManualTime time, double seconds) => new(line, () => time.Advance(TimeSpan.FromSeconds(seconds)));

    private static void CancelAt(CancellationTokenSource source, TrainingProgress progress, long step)
    {
        if (progress.Kind == TrainingProgressKind.Log && progress.Step == step)
            source.Cancel();
    }

    private TrainingResult Run(ManualTime time, Recorder recorder, CancellationTokenSource? stop = null, string threads = "1")
    {
        using var line = new LineFit();
        var options = new TestOptions { TimeBudget = TimeSpan.FromSeconds(50), LogEveryNSteps = 1, Progress = recorder, CancellationToken = stop?.Token ?? CancellationToken.None };
        var checkpoints = new TrainingCheckpoints(new(_directory.Path), new LineState(line));
        return TestRun.Loop(Slow(line, time, 5), null, options, TestRun.Defaults, new RunDescription([new("threads", threads)]), checkpoints, time: time).Run(TestContext.Current.CancellationToken);
    }
}
