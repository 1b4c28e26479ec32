using System.Text.Json.Nodes;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Metrics;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Checkpoints;

public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private MlmRun Parts => new(_directory.File("parts"));

    private MlmRun Whole => new(_directory.File("whole"));

    [Theory]
    [InlineData(ComputePrecision.Float32, 1)]
    [InlineData(ComputePrecision.Float32, 3)]
    [InlineData(ComputePrecision.Float32, 14)]
    [InlineData(ComputePrecision.BFloat16, 10)]
    public void Run_CancelledAndResumed_HasTheSameWeightsAndHistory(ComputePrecision precision, int stop)
    {
        var (weights, result) = (Whole with { Precision = precision }).Run();
        var parts = Parts with { Precision = precision };
        // The cancelled part logs as the others do, so that its sums go into the checkpoint unlogged.
        using var source = new CancellationTokenSource();
        var steps = 0;
        Assert.Throws<OperationCanceledException>(() => (parts with
        {
            Options = parts.Options with { CancellationToken = source.Token },
            Objective = inner => new Scripted(inner, () =>
            {
                if (++steps == (3 * stop) - 1)
                    source.Cancel();
            }),
        }).Run());

        var (resumedWeights, resumed) = parts.Run();

        Assert.Equal(0, TinyMlm.Distance(weights, resumedWeights));
        Assert.Equal(Untimed(result.History), Untimed(resumed.History));
        Assert.Equal(result.Evaluation, resumed.Evaluation);
        Assert.Equal(result.TokenCount, resumed.TokenCount);
    }

    [Fact]
    public void Run_CancelledDuringAnEvaluation_MakesItUpOnResume()
    {
        var (weights, result) = Whole.Run();
        using var source = new CancellationTokenSource();
        var stopping = Parts with
        {
            Options = Parts.Options with
            {
                LogEveryNSteps = 1,
                CancellationToken = source.Token,
                Progress = new Recorder(e =>
                {
                    if (e is { Kind: TrainingProgressKind.Log, Step: 6 })
                        source.Cancel(); // step 6 is evaluated after its log event
                }),
            },
        };
        Assert.Throws<OperationCanceledException>(() => stopping.Run());
        Assert.Equal(6, Parts.Store.Steps[0]);

        var (resumedWeights, resumed) = Parts.Run();

        Assert.Equal(0, TinyMlm.Distance(weights, resumedWeights));
        Assert.Equal(Evaluations(result), Evaluations(resumed));
    }

    [Fact]
    public void Run_StoppedEarlyByPatience_StopsAtTheSameStepWhenResumed()
    {
        static MlmRun Impatient(MlmRun run) => run with { Options = run.Options with { Patience = 1, LearningRate = 0.1 } };
        var (weights, result) = Impatient(Whole).Run();
        Assert.Equal(TrainingOutcome.StoppedEarly, result.Outcome);
        Assert.True(result.StepCount > 4);
        Impatient(Parts).RunUntil(result.StepCount - 1);

        var (resumedWeights, resumed) = Impatient(Parts).Run();
        var (_, again) = Impatient(Parts).Run();

        Assert.Equal((TrainingOutcome.StoppedEarly, result.StepCount), (resumed.Outcome, resumed.StepCount));
        Assert.Equal(0, TinyMlm.Distance(weights, resumedWeights));
        Assert.Equal((TrainingOutcome.StoppedEarly, result.StepCount), (again.Outcome, again.StepCount));
    }

    [Fact]
    public void Run_StoppedEarlyByPatience_OpensWithOtherThreadsAsNoUnfinishedRunDoes()
    {
        static MlmRun Elsewhere(MlmRun run) => run with { Threads = "2" };
        var impatient = Whole with { Options = Whole.Options with { Patience = 1, LearningRate = 0.1 } };
        var (_, result) = impatient.Run();
        Parts.RunUntil(5);

        var (_, opened) = Elsewhere(impatient).Run();
        var exception = Assert.Throws<CheckpointException>(() => Elsewhere(Parts).Run());

        Assert.Equal((TrainingOutcome.StoppedEarly, result.StepCount), (opened.Outcome, opened.StepCount));
        Assert.Contains("threads was 1 and is 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FinishedRun_ReturnsAtOnce()
    {
        var (weights, result) = Whole.Run();
        var prepared = 0;
        var recorder = new Recorder();

        var (again, resumed) = (Whole with { Objective = inner => new Scripted(inner, () => prepared++) }).Reporting(recorder).Run();

        Assert.Equal(0, prepared);
        Assert.Equal(0, TinyMlm.Distance(weights, again));
        Assert.Equal(result.Evaluation, resumed.Evaluation);
        Assert.Equal(result.StepCount, resumed.StepCount);
        Assert.Equal([TrainingProgressKind.Resumed], recorder.Events.Select(e => e.Kind));
    }

    [Fact]
    public void Run_NewestDamaged_GoesOnFromTheOneBeforeAndSaysSo()
    {
        var (weights, _) = Whole.Run();
        Parts.RunUntil(10);
        Assert.Equal([10, 8], Parts.Store.Steps);
        var file = Path.Combine(Parts.Store.PathOf(10), "trainer", "optimizer.safetensors");
        var bytes = File.ReadAllBytes(file);
        bytes[^5] ^= 1;
        File.WriteAllBytes(file, bytes);
        var recorder = new Recorder();

        var (resumed, _) = Parts.Reporting(recorder).Run();

        Assert.Equal((TrainingProgressKind.Resumed, 8L), (recorder.Events[0].Kind, recorder.Events[0].Step));
        Assert.Contains(recorder.Events, e => e.Kind == TrainingProgressKind.Warning && e.Message!.Contains("step-10 is skipped", StringComparison.Ordinal));
        Assert.Equal(0, TinyMlm.Distance(weights, resumed));
        Assert.Equal([24, 20], Parts.Store.Steps);
    }

    [Fact]
    public void Run_ScheduleUnderItsOldName_Resumes()
    {
        var parts = Parts with { Options = Parts.Options with { LearningRateSchedule = LearningRateSchedule.Triangular, WarmupRatio = null } };
        parts.RunUntil(5);
        var checkpoint = parts.Store.FindNewest()!;
        var description = Path.Combine(checkpoint, "trainer", "run.json");
        var text = File.ReadAllText(description);
        Assert.Contains("\"Triangular\"", text, StringComparison.Ordinal);
        File.WriteAllText(description, text.Replace("\"Triangular\"", "\"OneCycle\"", StringComparison.Ordinal));
        File.Delete(Path.Combine(checkpoint, CheckpointManifest.FileName));
        CheckpointManifest.Write(checkpoint);

        Assert.Equal(MlmRun.Steps, parts.Run().Result.StepCount);
    }

    [Fact]
    public void Run_OtherDataAndSettings_NamesEveryDifferenceAndGoesOnWhenAccepted()
    {
        Parts.RunUntil(5);
        var changed = Parts with { Data = "other blocks", Options = Parts.Options with { LearningRate = 1e-3, WeightDecay = 0.1, BatchSize = 5 } };

        var exception = Assert.Throws<CheckpointException>(() => changed.Run());
        Assert.All(
            ["data was blocks of chance and is other blocks", "learning rate was 0.003 and is 0.001", "weight decay was 0.01 and is 0.1", "batch size was 8 and is 5", "AllowChangesOnResume"],
            part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));

        var recorder = new Recorder();
        var (_, result) = (changed with { Options = changed.Options with { AllowChangesOnResume = true } }).Reporting(recorder).Run();
        Assert.Equal(MlmRun.Steps, result.StepCount);
        Assert.Contains(recorder.Events, e => e.Message?.Contains("learning rate was 0.003", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Run_AnotherModelsCheckpoint_IsRefusedEvenWhenChangesAreAccepted()
    {
        Parts.RunUntil(5);
        var wider = Parts with { Hidden = 32, Options = Parts.Options with { AllowChangesOnResume = true } };

        var exception = Record.Exception(() => wider.Run());

        Assert.IsType<CheckpointException>(exception);
    }

    [Fact]
    public void Run_CheckpointOfANewerVersion_SaysSoBeforeAnyOtherDifference()
    {
        Parts.RunUntil(5);
        var path = Parts.Store.PathOf(5);
        var state = JsonNode.Parse(File.ReadAllText(Path.Combine(path, "trainer", "state.json")))!;
        state["Version"] = 99;
        File.WriteAllText(Path.Combine(path, "trainer", "state.json"), state.ToJsonString());
        File.WriteAllText(Path.Combine(path, "trainer", "run.json"), """{"something": "new"}""");
        File.Delete(Path.Combine(path, "manifest.json"));
        CheckpointManifest.Write(path);

        var exception = Assert.Throws<CheckpointException>(() => Parts.Run());

        Assert.Contains("version 99", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NotToResumeWhereThereAreCheckpoints_IsRefused()
    {
        Parts.RunUntil(5);

        var exception = Assert.Throws<CheckpointException>(() => (Parts with { Options = Parts.Options with { Resume = false } }).Run());

        Assert.Contains("found 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_DiskFullAtALaterCheckpoint_SaysSoSoonAndTheEarlierOneIsWhole()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "No /dev/full here.");
        var recorder = new Recorder();
        var run = Parts with
        {
            Wrap = state => new WatchedState(state, (_, number) =>
            {
                if (number == 2)
                    File.WriteAllBytes("/dev/full", new byte[1 << 20]);
            }),
        };

        var exception = Assert.Throws<IOException>(() => run.Reporting(recorder).Run());

        Assert.Contains("step-8", exception.Message, StringComparison.Ordinal);
        Assert.Equal([4], Parts.Store.Steps);
        Assert.True(recorder.Events[^1].Step <= 12);
        Assert.Equal(0, TinyMlm.Distance(Whole.Run().Weights, Parts.Run().Weights));
    }

    [Fact]
    public void MetricsFile_StoppedRunGoneOn_HasTheLinesOfOneNeverStopped()
    {
        var (whole, parts) = (_directory.File("whole.jsonl"), _directory.File("parts.jsonl"));
        Whole.Reporting(new MetricsFile(whole)).Run();
        using var source = new CancellationTokenSource();
        // Killed without a checkpoint: the listener gives up in the middle of the run, after a step that no checkpoint has.
        Assert.Throws<TimeoutException>(() => Parts.Reporting(new TrainingListeners(new MetricsFile(parts), null, new Recorder(e =>
        {
            if (e.Step == 14)
                throw new TimeoutException();
        }))).Run());
        File.AppendAllText(parts, "{\"event\":\"lo"); // half a line

        Parts.Reporting(new MetricsFile(parts)).Run();

        Assert.Equal(Lines(whole), Lines(parts).Where(line => !line.Contains("resumed", StringComparison.Ordinal)));
        Assert.Single(Lines(parts), line => line.Contains("resumed", StringComparison.Ordinal));

        List<string> Lines(string path) =>
        [
            .. File.ReadLines(path).Select(line => JsonNode.Parse(line)!.AsObject()).Select(line =>
            {
                line.Remove("elapsed_s");
                line.Remove("eta_s");
                line.Remove("tokens_per_second");
                return line.ToJsonString().Replace("/whole/", "/parts/", StringComparison.Ordinal);
            }),
        ];
    }

    public void Dispose() => _directory.Dispose();

    private static IEnumerable<(long, double?)> Evaluations(TrainingResult result) => result.History.Where(r => r.EvaluationLoss is not null).Select(r => (r.Step, r.EvaluationLoss));

    private static IEnumerable<TrainingHistoryRow> Untimed(TrainingHistory history) =>
        history.Select(row => row with { ElapsedSeconds = 0, TokensPerSecond = row.TokensPerSecond is null ? null : 0 });
}
