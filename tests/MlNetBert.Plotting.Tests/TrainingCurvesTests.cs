using System.Buffers.Binary;

namespace MlNetBert.Plotting.Tests;

public sealed class TrainingCurvesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlnetbert-tests-").FullName;

    private string Picture => Path.Combine(_directory, "curves.png");

    public static TheoryData<int> Lengths => [0, 1, 3, 200];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Save_AnyHistory_IsAPictureOfThePromisedSize(int rows)
    {
        TrainingCurves.Save(new TrainingHistory(Rows(rows)), Picture);

        Assert.Equal((1000, 600), SizeOf(File.ReadAllBytes(Picture)));
    }

    [Fact]
    public void Save_LossesThatAreNoNumbers_AreLeftOut()
    {
        var rows = Rows(5).ToList();

        TrainingCurves.Save(new TrainingHistory(rows), Picture);
        var expected = File.ReadAllBytes(Picture);
        TrainingCurves.Save(new TrainingHistory([.. rows, new TrainingHistoryRow(6, 1, 1, trainingLoss: double.NaN), new TrainingHistoryRow(7, 1, 1, evaluationLoss: double.PositiveInfinity)]), Picture);

        Assert.Equal(expected, File.ReadAllBytes(Picture));
    }

    [Fact]
    public void Save_OtherCurves_IsAnotherPicture()
    {
        TrainingCurves.Save(new TrainingHistory(Rows(5)), Picture);
        var five = File.ReadAllBytes(Picture);
        TrainingCurves.Save(new TrainingHistory(Rows(50)), Picture);

        Assert.NotEqual(five, File.ReadAllBytes(Picture));
    }

    [Fact]
    public void CurvesFile_EventsOfARun_DrawsAtEvaluationsAndCheckpoints()
    {
        var file = new CurvesFile(Picture);
        file.Report(Event(TrainingProgressKind.Checkpoint, 0));
        Assert.False(File.Exists(Picture));
        file.Report(Event(TrainingProgressKind.Log, 1) with { Loss = 3, LearningRate = 1e-3 });
        Assert.False(File.Exists(Picture));
        file.Report(Event(TrainingProgressKind.Evaluation, 1) with { Evaluation = new EvaluationResult(2, 0.1, 5) });

        Assert.Equal((1000, 600), SizeOf(File.ReadAllBytes(Picture)));
    }

    [Fact]
    public void CurvesFile_ProbesOfARun_AreDrawnAtOnceAndSeen()
    {
        var file = new CurvesFile(Picture);
        file.Report(Event(TrainingProgressKind.Log, 1) with { Loss = 3, LearningRate = 1e-3 });
        file.Report(Event(TrainingProgressKind.Checkpoint, 1));
        var without = File.ReadAllBytes(Picture);

        file.Report(Event(TrainingProgressKind.Probe, 1) with { Probe = new ProbeResult("areas", 0.5) });

        Assert.Equal((1000, 600), SizeOf(File.ReadAllBytes(Picture)));
        Assert.NotEqual(without, File.ReadAllBytes(Picture));
    }

    [Fact]
    public void CurvesFile_ResumedRun_HasTheCurvesOfTheWholeRun()
    {
        var whole = Path.Combine(_directory, "whole.png");
        TrainingCurves.Save(new TrainingHistory(Rows(6)), whole);
        var file = new CurvesFile(Picture);

        file.Report(Event(TrainingProgressKind.Resumed, 5) with { History = new TrainingHistory(Rows(5)) });
        file.Report(Event(TrainingProgressKind.Log, 6) with { Loss = 6 / 6.0, LearningRate = 6e-3 });
        file.Report(Event(TrainingProgressKind.Checkpoint, 6));

        Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(Picture));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static IEnumerable<TrainingHistoryRow> Rows(int count) =>
        Enumerable.Range(1, count).Select(step => new TrainingHistoryRow(step, step, step, trainingLoss: 6.0 / step, learningRate: step * 1e-3));

    private static TrainingProgress Event(TrainingProgressKind kind, long step) => new() { Kind = kind, Step = step, TotalSteps = 6, Epoch = step, Elapsed = TimeSpan.FromSeconds(step) };

    private static (int Width, int Height) SizeOf(byte[] png)
    {
        Assert.Equal<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        return (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
    }
}
